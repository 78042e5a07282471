/** Elementwise ops of one tensor, and those that take a plain number beside it. */
import * as ad from '@adjoint/core'
import type { Attributes } from '../attributes.ts'
import { type Adapter, type AdapterTable, unary } from './adapter.ts'

/** PyTorch's result at or above the threshold of softplus is x itself. */
const softplus: Adapter = ([x], a) => {
  const [beta, threshold] = [a.number('beta', 1), a.number('threshold', 20)]
  const scaled = ad.mul(x, beta)
  return ad.where(ad.greater(scaled, threshold), x, ad.div(ad.softplus(scaled), beta))
}

/** Bounds are numbers, or tensors behind the input; where they cross, the upper one wins. */
const clamp: Adapter = ([x, ...bounds], a) => {
  const [low, high] = [a.optionalNumber('min'), a.optionalNumber('max')]
  const [lowTensor, highTensor] = low === undefined ? bounds : [undefined, ...bounds]
  if (lowTensor !== undefined || highTensor !== undefined) {
    const [from, to] = [lowTensor ?? low, highTensor ?? high]
    const raised = from === undefined ? x : ad.maximum(x, from as ad.Tensor)
    return to === undefined ? raised : ad.minimum(raised, to as ad.Tensor)
  }
  if (low !== undefined && high !== undefined && low > high) return ad.minimum(ad.maximum(x, low), high)
  return ad.clip(x, { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) })
}

const nanToNumber: Adapter = ([x], a) => {
  const largest = x.dtype === 'float32' ? 3.4028234663852886e38 : Number.MAX_VALUE
  return ad.nanToNumber(x, {
    nan: a.number('nan', 0),
    positiveInfinity: a.number('posinf', largest),
    negativeInfinity: a.number('neginf', -largest),
  })
}

/** The quotient, rounded as PyTorch's rounding_mode says. */
export function divide(x: ad.Tensor | number, y: ad.Tensor | number, a: Attributes): ad.Tensor {
  const quotient = (): ad.Tensor => ad.div(x as ad.Tensor, y as ad.Tensor)
  switch (a.has('rounding_mode') ? a.word('rounding_mode', ['floor', 'trunc']) : 'none') {
    case 'floor':
      return ad.floorDivide(x as ad.Tensor, y as ad.Tensor)
    case 'trunc':
      return ad.trunc(quotient())
    default:
      return quotient()
  }
}

const times = (x: ad.Tensor | number, factor: number): ad.Tensor | number =>
  factor === 1 ? x : typeof x === 'number' ? x * factor : ad.mul(x, factor)

/** PyTorch's sign and softshrink of NaN are 0; Adjoint's are NaN, as NumPy's sign is. */
const zeroAtNaN =
  (op: Adapter): Adapter =>
  (inputs, a) =>
    ad.where(ad.isNaN(inputs[0]), 0, op(inputs, a) as ad.Tensor)

/** Rounds to a number of decimals; without one to whole numbers, halves to even. */
const round: Adapter = ([x], a) => {
  const scale = 10 ** a.number('decimals', 0)
  return scale === 1 ? ad.round(x) : ad.div(ad.round(ad.mul(x, scale)), scale)
}

export const UNARY: AdapterTable = {
  abs: unary(ad.abs),
  absolute: unary(ad.abs),
  neg: unary(ad.neg),
  negative: unary(ad.neg),
  positive: unary(ad.identity),
  clone: unary(ad.identity),
  contiguous: unary(ad.identity),
  detach: unary(ad.stopGradient),
  exp: unary(ad.exp),
  exp2: unary(ad.exp2),
  log: unary(ad.log),
  log2: unary(ad.log2),
  log10: unary(ad.log10),
  log1p: unary(ad.log1p),
  expm1: unary(ad.expm1),
  sqrt: unary(ad.sqrt),
  rsqrt: unary(ad.rsqrt),
  square: unary(ad.square),
  reciprocal: unary(ad.reciprocal),
  sin: unary(ad.sin),
  cos: unary(ad.cos),
  tan: unary(ad.tan),
  asin: unary(ad.asin),
  arcsin: unary(ad.asin),
  acos: unary(ad.acos),
  arccos: unary(ad.acos),
  atan: unary(ad.atan),
  arctan: unary(ad.atan),
  sinh: unary(ad.sinh),
  cosh: unary(ad.cosh),
  tanh: unary(ad.tanh),
  asinh: unary(ad.asinh),
  arcsinh: unary(ad.asinh),
  acosh: unary(ad.acosh),
  arccosh: unary(ad.acosh),
  atanh: unary(ad.atanh),
  arctanh: unary(ad.atanh),
  sigmoid: unary(ad.sigmoid),
  expit: unary(ad.sigmoid),
  relu: unary(ad.relu),
  leaky_relu: ([x], a) => ad.leakyRelu(x, a.number('negative_slope', 0.01)),
  elu: ([x], a) => ad.elu(x, a.number('alpha', 1)),
  selu: unary(ad.selu),
  celu: ([x], a) => ad.celu(x, a.number('alpha', 1)),
  gelu: ([x], a) => ad.gelu(x, { approximate: a.word('approximate', ['none', 'tanh'], 'none') }),
  silu: unary(ad.silu),
  mish: unary(ad.mish),
  softplus,
  softsign: unary(ad.softsign),
  hardtanh: ([x], a) => ad.hardTanh(x, { low: a.number('min_val', -1), high: a.number('max_val', 1) }),
  hardsigmoid: unary(ad.hardSigmoid),
  hardswish: unary(ad.hardSwish),
  relu6: unary(ad.relu6),
  logsigmoid: unary(ad.logSigmoid),
  tanhshrink: unary(ad.tanhShrink),
  softshrink: zeroAtNaN(([x], a) => ad.softShrink(x, a.number('lambd', 0.5))),
  hardshrink: ([x], a) => ad.hardShrink(x, a.number('lambd', 0.5)),
  threshold: ([x], a) => ad.threshold(x, a.number('threshold'), a.number('value')),
  erf: unary(ad.erf),
  erfc: unary(ad.erfc),
  erfinv: unary(ad.erfinv),
  lgamma: unary(ad.lgamma),
  digamma: unary(ad.digamma),
  polygamma: ([x], a) => ad.polygamma(x, a.number('n')),
  i0: unary(ad.i0),
  i1: unary(x => ad.i1(x)),
  floor: unary(ad.floor),
  ceil: unary(ad.ceil),
  round,
  trunc: unary(ad.trunc),
  fix: unary(ad.trunc),
  frac: unary(ad.frac),
  sign: zeroAtNaN(unary(ad.sign)),
  sgn: zeroAtNaN(unary(ad.sign)),
  sinc: unary(ad.sinc),
  deg2rad: unary(ad.degreesToRadians),
  rad2deg: unary(ad.radiansToDegrees),
  clamp,
  clip: clamp,
  clamp_min: ([x], a) => ad.clip(x, { low: a.number('min') }),
  clamp_max: ([x], a) => ad.clip(x, { high: a.number('max') }),
  nan_to_num: nanToNumber,
  logit: ([x], a) => (a.has('eps') ? ad.logit(x, { epsilon: a.number('eps') }) : ad.logit(x)),
  pow_scalar: ([x], a) => ad.pow(x, a.number('exponent')),
  rpow_scalar: ([x], a) => ad.pow(a.number('base'), x),
  add_scalar: ([x], a) => ad.add(x, a.number('other') * a.number('alpha', 1)),
  sub_scalar: ([x], a) => ad.sub(x, a.number('other') * a.number('alpha', 1)),
  rsub_scalar: ([x], a) => ad.sub(a.number('other'), times(x, a.number('alpha', 1)) as ad.Tensor),
  mul_scalar: ([x], a) => ad.mul(x, a.number('other')),
  div_scalar: ([x], a) => divide(x, a.number('other'), a),
  rdiv_scalar: ([x], a) => divide(a.number('other'), x, a),
  fmod_scalar: ([x], a) => ad.fmod(x, a.number('other')),
  remainder_scalar: ([x], a) => ad.remainder(x, a.number('other')),
  isnan: unary(ad.isNaN),
  isinf: unary(ad.isInfinite),
  isfinite: unary(ad.isFinite),
  logical_not: unary(ad.logicalNot),
  bitwise_not: unary(ad.bitwiseNot),
  to: ([x], a) => ad.cast(x, a.dtype() ?? x.dtype),
}
