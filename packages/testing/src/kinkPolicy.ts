/**
 * What gradients are where mathematics leaves a choice, as data: kinks, poles, overflow, nothing to reduce. The rule
 * behind the rows: the derivative where there is one; else the subgradient of least norm over the tensor inputs; and a
 * cotangent that is exactly 0 contributes 0, even where the local derivative is infinite. PyTorch orders its choices in
 * the same way ("Gradients for non-differentiable functions", notes/autograd).
 */

import {
  abs,
  acos,
  acosh,
  adaptiveMaxPool,
  add,
  all,
  any,
  argmax,
  asin,
  atan2,
  atanh,
  cast,
  cbrt,
  cdist,
  ceil,
  celu,
  cholesky,
  clip,
  copySign,
  cosineSimilarity,
  cummax,
  cummin,
  cumprod,
  determinant,
  dist,
  div,
  eigh,
  eigvalsh,
  elu,
  embedding,
  embeddingBag,
  erfinv,
  exp,
  expm1,
  floor,
  floorDivide,
  fmax,
  fmin,
  fmod,
  frac,
  gather,
  gelu,
  gradients,
  greater,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  heaviside,
  hypot,
  inverse,
  layerNorm,
  leakyRelu,
  less,
  lgamma,
  log,
  log1p,
  log2,
  log10,
  logAddExp,
  logCumSumExp,
  logDeterminant,
  logit,
  logSigmoid,
  logSoftmax,
  logSumExp,
  lpPool,
  maskedSoftmax,
  matrixNorm,
  max,
  maximum,
  maxPool,
  maxWithIndices,
  mean,
  median,
  medianWithIndices,
  min,
  minimum,
  minWithIndices,
  mish,
  mode,
  mul,
  nanMean,
  nanSum,
  nanToNumber,
  norm,
  normalize,
  notEqual,
  pairwiseDistance,
  pow,
  prelu,
  prod,
  quantile,
  reciprocal,
  relu,
  relu6,
  remainder,
  reshape,
  round,
  rsqrt,
  scaledDotProductAttention,
  scatter,
  scatterAdd,
  scatterReduce,
  selu,
  sigmoid,
  sign,
  silu,
  sinc,
  singularValues,
  slice,
  slogDeterminant,
  softmax,
  softplus,
  softShrink,
  softsign,
  solve,
  sort,
  sparsemax,
  sqrt,
  square,
  standardDeviation,
  strictNaN,
  sub,
  sum,
  svd,
  type Tensor,
  take,
  tanh,
  tensor,
  threshold,
  topk,
  trunc,
  unsqueeze,
  variance,
  where,
  xlogy,
} from '@adjoint/core/functional'
import { firstDerivatives, flat, secondDerivatives } from './pointDerivatives.ts'

/** One case of the policy. */
export interface KinkRow {
  /** In words: `'relu at 0'`. */
  readonly case: string
  /** The op whose rule decides. */
  readonly op: string
  /** The numbers to be seen, or the name of the error class that is thrown. */
  readonly expected: readonly number[] | string
  /** Computes the numbers, in float64: gradients unless the case says value. */
  readonly observe: () => readonly number[]
}

/** Numbers of one input: one, or a list. */
type Point = number | readonly number[]

const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number

function gradientAt(f: (...inputs: Tensor[]) => Tensor, ...points: readonly Point[]): readonly number[] {
  return firstDerivatives(f, points.map(leaf))
}

function secondAt(f: (x: Tensor) => Tensor, point: Point): readonly number[] {
  return secondDerivatives(f, leaf(point))
}

function valueAt(f: (x: Tensor) => Tensor, point: Point): readonly number[] {
  return flat([f(leaf(point))])
}

/** Attention of one query to one key that it may not see; all three are x. */
function sightless(x: Tensor): Tensor {
  const one = reshape(x, [1, 1])
  return scaledDotProductAttention(one, one, one, { mask: tensor(false) })
}

function leaf(point: Point): Tensor {
  return tensor(point as number | number[], { dtype: 'float64', requiresGrad: true })
}

function row(
  title: string,
  op: string,
  expected: KinkRow['expected'],
  observe: () => readonly number[],
): KinkRow {
  return { case: title, op, expected, observe }
}

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x))

/** The policy. `case` is unique. */
export const kinkPolicy: readonly KinkRow[] = [
  // Kinks: the subgradient of least norm.
  row('relu at 0', 'relu', [0], () => gradientAt(relu, 0)),
  row('leakyRelu, slope 0.1, at 0', 'leakyRelu', [0.1], () => gradientAt(x => leakyRelu(x, 0.1), 0)),
  row('abs at 0', 'abs', [0], () => gradientAt(abs, 0)),
  row('maximum of two tensors, tie', 'maximum', [0.5, 0.5], () => gradientAt(maximum, 3, 3)),
  row('minimum of two tensors, tie', 'minimum', [0.5, 0.5], () => gradientAt(minimum, 3, 3)),
  row('maximum of a tensor and a number, tie', 'maximum', [0], () => gradientAt(x => maximum(x, 0), 0)),
  row('minimum of a tensor and a number, tie', 'minimum', [0], () => gradientAt(x => minimum(x, 0), 0)),
  row('clip at its bounds', 'clip', [1, 1], () => gradientAt(x => clip(x, { low: -1, high: 1 }), [-1, 1])),
  row('clip beyond its bounds', 'clip', [0, 0], () =>
    gradientAt(x => clip(x, { low: -1, high: 1 }), [-2, 2]),
  ),
  row('clip at its bounds, which are tensors: x, low, high', 'clip', [1, 1, 0, 0], () =>
    gradientAt((x, low, high) => clip(x, { low, high }), [-1, 1], -1, 1),
  ),
  row('clip beyond its bounds, which are tensors: x, low, high', 'clip', [0, 0, 1, 1], () =>
    gradientAt((x, low, high) => clip(x, { low, high }), [-2, 2], -1, 1),
  ),
  row('hardTanh at its bounds', 'hardTanh', [0, 0], () => gradientAt(x => hardTanh(x), [-1, 1])),
  row('relu6 at 0 and 6', 'relu6', [0, 0], () => gradientAt(relu6, [0, 6])),
  row('hardSigmoid at -3 and 3', 'hardSigmoid', [0, 0], () => gradientAt(hardSigmoid, [-3, 3])),
  row('hardSwish at -3 and 3', 'hardSwish', [0, 1], () => gradientAt(hardSwish, [-3, 3])),
  row('softShrink at -0.5 and 0.5', 'softShrink', [0, 0], () => gradientAt(x => softShrink(x), [-0.5, 0.5])),
  row('hardShrink at -0.5 and 0.5', 'hardShrink', [0, 0], () => gradientAt(x => hardShrink(x), [-0.5, 0.5])),
  row('threshold at the limit', 'threshold', [0], () => gradientAt(x => threshold(x, 1, 0), 1)),
  row('elu, alpha 0.5 and then 2, at 0', 'elu', [0.5, 1], () =>
    [0.5, 2].flatMap(alpha => gradientAt(x => elu(x, alpha), 0)),
  ),
  row('second derivative of elu at 0', 'elu', [0], () => secondAt(x => elu(x), 0)),
  row('celu, alpha 2, at 0', 'celu', [1], () => gradientAt(x => celu(x, 2), 0)),
  row('selu at 0', 'selu', [1.0507009873554805], () => gradientAt(selu, 0)),
  row('softsign at 0', 'softsign', [1], () => gradientAt(softsign, 0)),
  row('second derivative of softsign at 0', 'softsign', [0], () => secondAt(softsign, 0)),
  row('prelu at x = 0, slope 0.25', 'prelu', [0.25, 0], () => gradientAt(prelu, 0, 0.25)),
  row('fmax of two tensors, tie', 'fmax', [0.5, 0.5], () => gradientAt(fmax, 3, 3)),
  row('fmin of two tensors, tie', 'fmin', [0.5, 0.5], () => gradientAt(fmin, 3, 3)),
  row('fmax of a tensor and a number, tie', 'fmax', [0], () => gradientAt(x => fmax(x, 0), 0)),
  row('fmin of a tensor and a number, tie', 'fmin', [0], () => gradientAt(x => fmin(x, 0), 0)),
  row('fmax of NaN and 1', 'fmax', [0, 1], () => gradientAt(fmax, NAN, 1)),
  row('copySign at x = 0', 'copySign', [0, 0], () => gradientAt(copySign, 0, -2)),
  row('hypot at (0, 0)', 'hypot', [0, 0], () => gradientAt(hypot, 0, 0)),
  row('atan2 at (0, 0)', 'atan2', [0, 0], () => gradientAt(atan2, 0, 0)),
  row('sparsemax, first entry, where the second enters', 'sparsemax', [0, 0], () =>
    gradientAt(x => mul(sparsemax(x), tensor([1, 0])), [1, 0]),
  ),
  row('max, two ties of three', 'max', [0.5, 0.5, 0], () => gradientAt(x => max(x), [1, 1, 0])),
  row('min, two ties of three', 'min', [0, 0.5, 0.5], () => gradientAt(x => min(x), [1, 0, 0])),
  row('maxWithIndices, two ties of three', 'maxWithIndices', [1, 0, 0], () =>
    gradientAt(x => maxWithIndices(x).values, [1, 1, 0]),
  ),
  row('minWithIndices, two ties of three', 'minWithIndices', [0, 1, 0], () =>
    gradientAt(x => minWithIndices(x).values, [1, 0, 0]),
  ),
  row('maxPool, two ties of three in a window', 'maxPool', [1, 0, 0], () =>
    gradientAt(x => maxPool(reshape(x, [1, 1, 3]), { kernel: 3 }), [1, 1, 0]),
  ),
  row('adaptiveMaxPool, two ties of three in a part', 'adaptiveMaxPool', [0, 1, 0], () =>
    gradientAt(x => adaptiveMaxPool(reshape(x, [1, 1, 3]), 1), [0, 1, 1]),
  ),
  row('lpPool of order 2 of zeros', 'lpPool', [0, 0], () =>
    gradientAt(x => lpPool(reshape(x, [1, 1, 2]), { order: 2, kernel: 2 }), [0, 0]),
  ),
  row('median of an even count: the lower one', 'median', [0, 1, 0, 0], () =>
    gradientAt(x => median(x), [4, 2, 3, 1]),
  ),
  row('median, two ties of three', 'median', [0.5, 0.5, 0], () => gradientAt(x => median(x), [2, 2, 5])),
  row('medianWithIndices, two ties of three', 'medianWithIndices', [0, 1, 0], () =>
    gradientAt(x => medianWithIndices(x).values, [2, 2, 5]),
  ),
  row('mode, the last of its occurrences', 'mode', [0, 0, 1], () => gradientAt(x => mode(x), [2, 5, 2])),
  row('cummax, ties go to the last one', 'cummax', [1, 1, 1], () => gradientAt(x => cummax(x), [1, 3, 3])),
  row('cummin, ties go to the last one', 'cummin', [1, 1, 1], () => gradientAt(x => cummin(x), [3, 1, 1])),
  row('sort, equals keep their order', 'sort', [3, 1, 2], () =>
    gradientAt(x => mul(sort(x), tensor([1, 2, 3])), [2, 1, 1]),
  ),
  row('sort descending, equals keep their order', 'sort', [1, 2, 3], () =>
    gradientAt(x => mul(sort(x, 0, { descending: true }), tensor([1, 2, 3])), [2, 1, 1]),
  ),
  row('topk, ties go to the first ones', 'topk', [1, 0, 1], () =>
    gradientAt(x => topk(x, 2).values, [1, 1, 2]),
  ),
  row('norm at 0', 'norm', [0, 0], () => gradientAt(x => norm(x), [0, 0])),
  row('second derivative of norm at 0', 'norm', [0, 0], () => secondAt(x => norm(x), [0, 0])),
  row('norm of order 1, one element 0', 'norm', [0, 1, -1], () =>
    gradientAt(x => norm(x, -1, { order: 1 }), [0, 2, -3]),
  ),
  row('norm of order 0.5, one element 0', 'norm', [0, 1], () =>
    gradientAt(x => norm(x, -1, { order: 0.5 }), [0, 3]),
  ),
  row('norm of order Infinity, two ties of three', 'norm', [0.5, -0.5, 0], () =>
    gradientAt(x => norm(x, -1, { order: INFINITY }), [2, -2, 1]),
  ),
  row('norm of order Infinity at 0', 'norm', [0, 0], () =>
    gradientAt(x => norm(x, -1, { order: INFINITY }), [0, 0]),
  ),
  row('standardDeviation of a constant', 'standardDeviation', [0, 0, 0], () =>
    gradientAt(x => standardDeviation(x), [0.1, 0.1, 0.1]),
  ),
  row('second derivative of standardDeviation of a constant', 'standardDeviation', [0, 0], () =>
    secondAt(x => standardDeviation(x), [2, 2]),
  ),
  row('cdist, points that coincide', 'cdist', [0, 0, 0, 0], () =>
    gradientAt((x, y) => cdist(unsqueeze(x, 0), unsqueeze(y, 0)), [1, 2], [1, 2]),
  ),
  row('pairwiseDistance, points that coincide', 'pairwiseDistance', [0, 0, 0, 0], () =>
    gradientAt((x, y) => pairwiseDistance(x, y), [1, 2], [1, 2]),
  ),
  row('dist of equal tensors', 'dist', [0, 0, 0, 0], () => gradientAt((x, y) => dist(x, y), [1, 2], [1, 2])),
  row('normalize of the vector 0, epsilon 0.5', 'normalize', [2, 2], () =>
    gradientAt(x => normalize(x, -1, { epsilon: 0.5 }), [0, 0]),
  ),
  row('cosineSimilarity with the vector 0, epsilon 0.5', 'cosineSimilarity', [1.2, 1.6, 0, 0], () =>
    gradientAt((x, y) => cosineSimilarity(x, y, -1, { epsilon: 0.5 }), [0, 0], [3, 4]),
  ),
  row('sign, at 0 and beside it', 'sign', [0, 0, 0], () => gradientAt(sign, [-1, 0, 1])),
  row('heaviside at 0: x and the value', 'heaviside', [0, 1], () => gradientAt(heaviside, 0, 0.5)),
  row('floorDivide, 4 by 2', 'floorDivide', [0, 0], () => gradientAt(floorDivide, 4, 2)),
  row('remainder, 5.5 and 4 by 2', 'remainder', [1, 1, -4], () => gradientAt(remainder, [5.5, 4], 2)),
  row('fmod, -5.5 and 4 by 2', 'fmod', [1, 1, 0], () => gradientAt(fmod, [-5.5, 4], 2)),
  row('remainder of int32 by 0: value', 'remainder', 'ArgumentError', () =>
    flat([remainder(tensor([1], { dtype: 'int32' }), 0)]),
  ),

  // Poles, and zeros that meet them.
  row('sqrt at 0', 'sqrt', [INFINITY], () => gradientAt(sqrt, 0)),
  row('sqrt at 0, times 0', 'sqrt', [0], () => gradientAt(x => mul(sqrt(x), 0), 0)),
  row('sqrt at 0, times 0, strictNaN', 'sqrt', [NAN], () =>
    strictNaN(() => gradientAt(x => mul(sqrt(x), 0), 0)),
  ),
  row('where(x > 0, sqrt(x), x) at -1 and 0', 'where', [1, 1], () =>
    gradientAt(x => where(greater(x, 0), sqrt(x), x), [-1, 0]),
  ),
  row('log at 0', 'log', [INFINITY], () => gradientAt(log, 0)),
  row('log at 0, times 0', 'log', [0], () => gradientAt(x => mul(log(x), 0), 0)),
  row('log1p at -1', 'log1p', [INFINITY], () => gradientAt(log1p, -1)),
  row('xlogy at (0, 0)', 'xlogy', [0, 0], () => gradientAt(xlogy, 0, 0)),
  row('xlogy at (0, 0): value', 'xlogy', [0], () => valueAt(x => xlogy(x, 0), 0)),
  row('rsqrt at 0', 'rsqrt', [-INFINITY], () => gradientAt(rsqrt, 0)),
  row('rsqrt at 0, times 0', 'rsqrt', [0], () => gradientAt(x => mul(rsqrt(x), 0), 0)),
  row('reciprocal at 0', 'reciprocal', [-INFINITY], () => gradientAt(reciprocal, 0)),
  row('reciprocal at 0, masked afterwards', 'reciprocal', [0], () =>
    gradientAt(x => where(notEqual(x, 0), reciprocal(x), 0), 0),
  ),
  row('cbrt at 0', 'cbrt', [INFINITY], () => gradientAt(cbrt, 0)),
  row('cbrt at 0, times 0', 'cbrt', [0], () => gradientAt(x => mul(cbrt(x), 0), 0)),
  row('log2 at 0', 'log2', [INFINITY], () => gradientAt(log2, 0)),
  row('log10 at 0', 'log10', [INFINITY], () => gradientAt(log10, 0)),
  row('logit at 0 and 1', 'logit', [INFINITY, INFINITY], () => gradientAt(x => logit(x), [0, 1])),
  row('logit at 0 and 1, times 0', 'logit', [0, 0], () => gradientAt(x => mul(logit(x), 0), [0, 1])),
  row('logit, epsilon 0.1, at 0 and 0.5', 'logit', [0, 4], () =>
    gradientAt(x => logit(x, { epsilon: 0.1 }), [0, 0.5]),
  ),
  row('asin at -1 and 1', 'asin', [INFINITY, INFINITY], () => gradientAt(asin, [-1, 1])),
  row('asin at -1 and 1, times 0', 'asin', [0, 0], () => gradientAt(x => mul(asin(x), 0), [-1, 1])),
  row('acos at -1 and 1', 'acos', [-INFINITY, -INFINITY], () => gradientAt(acos, [-1, 1])),
  row('acosh at 1', 'acosh', [INFINITY], () => gradientAt(acosh, 1)),
  row('atanh at -1 and 1', 'atanh', [INFINITY, INFINITY], () => gradientAt(atanh, [-1, 1])),
  row('erfinv at -1 and 1', 'erfinv', [INFINITY, INFINITY], () => gradientAt(erfinv, [-1, 1])),
  row('lgamma at 0', 'lgamma', [-INFINITY], () => gradientAt(lgamma, 0)),
  row('lgamma at -1', 'lgamma', [NAN], () => gradientAt(lgamma, -1)),
  row('lgamma at 0 and -1, times 0', 'lgamma', [0, 0], () => gradientAt(x => mul(lgamma(x), 0), [0, -1])),
  row('sinc at 0', 'sinc', [0], () => gradientAt(sinc, 0)),
  row('second derivative of sinc at 0', 'sinc', [-(Math.PI ** 2) / 3], () => secondAt(sinc, 0)),
  row('floor, at 1 and beside it', 'floor', [0, 0, 0], () => gradientAt(floor, [0.5, 1, 1.5])),
  row('ceil, at 1 and beside it', 'ceil', [0, 0, 0], () => gradientAt(ceil, [0.5, 1, 1.5])),
  row('trunc, at 1 and beside it', 'trunc', [0, 0, 0], () => gradientAt(trunc, [0.5, 1, 1.5])),
  row('round, at 0.5 and beside it', 'round', [0, 0, 0], () => gradientAt(round, [0.25, 0.5, 0.75])),
  row('round at 0.5, 1.5, 2.5: value', 'round', [0, 2, 2], () => valueAt(round, [0.5, 1.5, 2.5])),
  row('frac at 1', 'frac', [1], () => gradientAt(frac, 1)),
  row('nanToNumber at NaN, infinity and 2', 'nanToNumber', [0, 0, 1], () =>
    gradientAt(x => nanToNumber(x), [NAN, INFINITY, 2]),
  ),
  row('where(x > 0, log(x), 0) at 0', 'where', [0], () =>
    gradientAt(x => where(greater(x, 0), log(x), 0), 0),
  ),
  row('1 / x at 0, masked afterwards', 'div', [0], () =>
    gradientAt(x => where(notEqual(x, 0), div(1, x), 0), 0),
  ),
  row('x / y at y = 0, masked afterwards', 'div', [0, 0], () =>
    gradientAt((x, y) => where(notEqual(y, 0), div(x, y), 0), 1, 0),
  ),
  row('exp overflows in the branch not taken', 'where', [1], () =>
    gradientAt(x => where(less(x, 0), expm1(x), x), 1000),
  ),
  row('exp(x)² overflows in the branch not taken', 'where', [1], () =>
    gradientAt(x => where(less(x, 0), square(exp(x)), x), 400),
  ),

  // Powers and products.
  row('pow(x, 0) at 0', 'pow', [0], () => gradientAt(x => pow(x, 0), 0)),
  row('pow(x, 1) at 0', 'pow', [1], () => gradientAt(x => pow(x, 1), 0)),
  row('pow(x, 2) at 0', 'pow', [0], () => gradientAt(x => pow(x, 2), 0)),
  row('pow(x, 2) at 3, exactly', 'pow', [6], () => gradientAt(x => pow(x, 2), 3)),
  row('pow(x, 3) at -2, exactly', 'pow', [12], () => gradientAt(x => pow(x, 3), -2)),
  row('pow(x, 0.5) at 0', 'pow', [INFINITY], () => gradientAt(x => pow(x, 0.5), 0)),
  row('pow(1, ∞): value', 'pow', [1], () => valueAt(x => pow(x, INFINITY), 1)),
  row('pow(x, ∞) at 1', 'pow', [INFINITY], () => gradientAt(x => pow(x, INFINITY), 1)),
  row('pow(1, y) with respect to y = ∞', 'pow', [0], () => gradientAt(y => pow(1, y), INFINITY)),
  row('pow(0, y) with respect to y = 2', 'pow', [0], () => gradientAt(y => pow(0, y), 2)),
  row('pow(0, y) with respect to y = 0', 'pow', [0], () => gradientAt(y => pow(0, y), 0)),
  row('second derivative of pow(x, 2) at 0', 'pow', [2], () => secondAt(x => pow(x, 2), 0)),
  row('mixed second derivative of pow(2, y) at y = 0: 1/x', 'pow', [0.5], () => {
    const [x, y] = [leaf(2), leaf(0)]
    const [first] = gradients(pow(x, y), [x], { createGraph: true })
    return flat(gradients(first!, [y]))
  }),
  row('square at 3, exactly', 'square', [6], () => gradientAt(square, 3)),
  row('prod with one zero', 'prod', [6, 0, 0], () => gradientAt(x => prod(x), [0, 2, 3])),
  row('prod with two zeros', 'prod', [0, 0, 0], () => gradientAt(x => prod(x), [0, 0, 3])),
  row('second derivative of prod with two zeros', 'prod', [3, 3, 0], () => secondAt(x => prod(x), [0, 0, 3])),
  row('cumprod with one zero', 'cumprod', [1, 8, 0], () => gradientAt(x => cumprod(x), [2, 0, 3])),
  row('second derivative of cumprod with two zeros', 'cumprod', [3, 3, 0], () =>
    secondAt(x => slice(cumprod(x), -1), [0, 0, 3]),
  ),

  // Overflow.
  row('sigmoid at -1000 and 1000', 'sigmoid', [0, 0], () => gradientAt(sigmoid, [-1000, 1000])),
  row('softplus at -1000 and 1000', 'softplus', [0, 1], () => gradientAt(softplus, [-1000, 1000])),
  row('tanh at -1000 and 1000', 'tanh', [0, 0], () => gradientAt(tanh, [-1000, 1000])),
  row('logSigmoid at -1000 and 1000', 'logSigmoid', [1, 0], () => gradientAt(logSigmoid, [-1000, 1000])),
  row('elu at -1000 and 1000', 'elu', [0, 1], () => gradientAt(x => elu(x), [-1000, 1000])),
  row('silu at -1000 and 1000', 'silu', [0, 1], () => gradientAt(silu, [-1000, 1000])),
  row('mish at -1000 and 1000', 'mish', [0, 1], () => gradientAt(mish, [-1000, 1000])),
  row('gelu at -1000 and 1000', 'gelu', [0, 1], () => gradientAt(x => gelu(x), [-1000, 1000])),
  row('second derivative of silu at -1000 and 1000', 'silu', [0, 0], () => secondAt(silu, [-1000, 1000])),
  row('logSumExp at 1000', 'logSumExp', [0.5, 0.5], () => gradientAt(x => logSumExp(x), [1000, 1000])),
  row('logSumExp with one -infinity', 'logSumExp', [0, 1], () =>
    gradientAt(x => logSumExp(x), [-INFINITY, 0]),
  ),
  row('logSumExp with one infinity', 'logSumExp', [1, 0], () => gradientAt(x => logSumExp(x), [INFINITY, 0])),
  row('logSumExp with two infinities', 'logSumExp', [0.5, 0.5, 0], () =>
    gradientAt(x => logSumExp(x), [INFINITY, INFINITY, 0]),
  ),
  row('logSumExp of -infinity only', 'logSumExp', [0, 0], () =>
    gradientAt(x => logSumExp(x), [-INFINITY, -INFINITY]),
  ),
  row('logCumSumExp after -infinity', 'logCumSumExp', [0, 1], () =>
    gradientAt(x => logCumSumExp(x), [-INFINITY, 0]),
  ),
  row('logCumSumExp of -infinity only', 'logCumSumExp', [0, 0], () =>
    gradientAt(x => logCumSumExp(x), [-INFINITY, -INFINITY]),
  ),
  row('logAddExp at 1000', 'logAddExp', [0.5, 0.5], () => gradientAt(logAddExp, 1000, 1000)),
  row('logAddExp of -infinity twice', 'logAddExp', [0, 0], () => gradientAt(logAddExp, -INFINITY, -INFINITY)),
  row('logAddExp of infinity twice', 'logAddExp', [0.5, 0.5], () =>
    gradientAt(logAddExp, INFINITY, INFINITY),
  ),
  row('logSoftmax at 1000 and 0, first entry', 'logSoftmax', [0, 0], () =>
    gradientAt(x => mul(logSoftmax(x), tensor([1, 0])), [1000, 0]),
  ),
  row('softmax of -infinity only: value', 'softmax', [NAN, NAN], () =>
    valueAt(x => softmax(x), [-INFINITY, -INFINITY]),
  ),
  row('maskedSoftmax, nothing takes part: value', 'maskedSoftmax', [0, 0], () =>
    valueAt(x => maskedSoftmax(x, tensor(false)), [1, 2]),
  ),
  row('maskedSoftmax, nothing takes part', 'maskedSoftmax', [0, 0], () =>
    gradientAt(x => mul(maskedSoftmax(x, tensor(false)), tensor([1, 0])), [1, 2]),
  ),
  row('a query that may see no key: value', 'scaledDotProductAttention', [0], () => valueAt(sightless, [2])),
  row('a query that may see no key', 'scaledDotProductAttention', [0], () => gradientAt(sightless, [2])),

  // Matrices.
  row('determinant of a singular matrix', 'determinant', [4, -2, -2, 1], () =>
    gradientAt(x => determinant(reshape(x, [2, 2])), [1, 2, 2, 4]),
  ),
  row('determinant of zeros, two by two', 'determinant', [0, 0, 0, 0], () =>
    gradientAt(x => determinant(reshape(x, [2, 2])), [0, 0, 0, 0]),
  ),
  row('second derivative of the determinant of zeros', 'determinant', [1, -1, -1, 1], () =>
    secondAt(x => determinant(reshape(x, [2, 2])), [0, 0, 0, 0]),
  ),
  row('inverse of a singular matrix', 'inverse', 'ArgumentError', () =>
    valueAt(x => inverse(reshape(x, [2, 2])), [1, 2, 2, 4]),
  ),
  row('solve with a singular matrix', 'solve', 'ArgumentError', () =>
    valueAt(x => solve(reshape(x, [2, 2]), tensor([1, 1])), [1, 2, 2, 4]),
  ),
  row('slogDeterminant of a singular matrix: value', 'slogDeterminant', [0, -INFINITY], () => {
    const { sign, logAbsDeterminant } = slogDeterminant(reshape(leaf([1, 2, 2, 4]), [2, 2]))
    return flat([sign, logAbsDeterminant])
  }),
  row('slogDeterminant of a singular matrix', 'slogDeterminant', 'ArgumentError', () =>
    gradientAt(x => slogDeterminant(reshape(x, [2, 2])).logAbsDeterminant, [1, 2, 2, 4]),
  ),
  row('logDeterminant of a negative determinant: value', 'logDeterminant', [NAN], () =>
    valueAt(x => logDeterminant(reshape(x, [2, 2])), [0, 2, 4, 0]),
  ),
  row('logDeterminant of a negative determinant', 'logDeterminant', [0, 0.5, 0.25, 0], () =>
    gradientAt(x => logDeterminant(reshape(x, [2, 2])), [0, 2, 4, 0]),
  ),
  row('cholesky of a matrix that is not positive definite', 'cholesky', 'ArgumentError', () =>
    valueAt(x => cholesky(reshape(x, [2, 2])), [1, 2, 2, 1]),
  ),
  row('cholesky, second entry, reads both triangles', 'cholesky', [0, 0.25, 0.25, 0], () =>
    gradientAt(
      x =>
        mul(
          cholesky(reshape(x, [2, 2])),
          tensor([
            [0, 0],
            [1, 0],
          ]),
        ),
      [4, 0, 0, 1],
    ),
  ),
  row('eigvalsh, the smaller of two equal values', 'eigvalsh', [1, 0, 0, 0], () =>
    gradientAt(x => mul(eigvalsh(reshape(x, [2, 2])), tensor([1, 0])), [1, 0, 0, 1]),
  ),
  row('eigh, vectors of two equal values', 'eigh', 'ArgumentError', () =>
    gradientAt(
      x =>
        mul(
          eigh(reshape(x, [2, 2])).vectors,
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      [1, 0, 0, 1],
    ),
  ),
  row('svd, vectors of two equal values', 'svd', 'ArgumentError', () =>
    gradientAt(
      x =>
        mul(
          svd(reshape(x, [2, 2])).u,
          tensor([
            [1, 2],
            [3, 4],
          ]),
        ),
      [1, 0, 0, 1],
    ),
  ),
  row('singularValues of zeros', 'singularValues', [1, 0, 0, 1], () =>
    gradientAt(x => singularValues(reshape(x, [2, 2])), [0, 0, 0, 0]),
  ),
  row('matrixNorm, Frobenius, of zeros', 'matrixNorm', [0, 0, 0, 0], () =>
    gradientAt(x => matrixNorm(reshape(x, [2, 2])), [0, 0, 0, 0]),
  ),
  row('matrixNorm, nuclear, of zeros', 'matrixNorm', [0, 0, 0, 0], () =>
    gradientAt(x => matrixNorm(reshape(x, [2, 2]), 'nuc'), [0, 0, 0, 0]),
  ),
  row('matrixNorm, order 2, of the identity', 'matrixNorm', [0.5, 0, 0, 0.5], () =>
    gradientAt(x => matrixNorm(reshape(x, [2, 2]), 2), [1, 0, 0, 1]),
  ),

  // Nothing to reduce.
  row('sum of nothing: value', 'sum', [0], () => valueAt(x => sum(x), [])),
  row('prod of nothing: value', 'prod', [1], () => valueAt(x => prod(x), [])),
  row('logSumExp of nothing: value', 'logSumExp', [-INFINITY], () => valueAt(x => logSumExp(x), [])),
  row('mean of nothing: value', 'mean', [NAN], () => valueAt(x => mean(x), [])),
  row('max of nothing: value', 'max', 'ArgumentError', () => valueAt(x => max(x), [])),
  row('norm of nothing: value', 'norm', [0], () => valueAt(x => norm(x), [])),
  row('norm of order Infinity of nothing: value', 'norm', 'ArgumentError', () =>
    valueAt(x => norm(x, -1, { order: INFINITY }), []),
  ),
  row('median of nothing: value', 'median', 'ArgumentError', () => valueAt(x => median(x), [])),
  row('any of nothing: value', 'any', [0], () => valueAt(x => any(x), [])),
  row('all of nothing: value', 'all', [1], () => valueAt(x => all(x), [])),
  row('nanMean of NaN only: value', 'nanMean', [NAN], () => valueAt(x => nanMean(x), [NAN])),
  row('gradient of a sum of nothing', 'sum', [], () => gradientAt(x => sum(x), [])),
  row('variance of a constant', 'variance', [0, 0], () => gradientAt(x => variance(x), [2, 2])),
  row('variance of one element, correction 1: value', 'variance', [NAN], () =>
    valueAt(x => variance(x, undefined, { correction: 1 }), [2]),
  ),
  row('variance of one element, correction 1', 'variance', [NAN], () =>
    gradientAt(x => variance(x, undefined, { correction: 1 }), [2]),
  ),
  row('standardDeviation of one element, correction 1: value', 'standardDeviation', [NAN], () =>
    valueAt(x => standardDeviation(x, undefined, { correction: 1 }), [2]),
  ),
  row('sum of a 0-d tensor over axis 0', 'sum', [1], () => gradientAt(x => sum(x, 0), 3)),

  // Indices.
  row('gather, one index twice', 'gather', [2, 1, 0], () =>
    gradientAt(x => gather(x, 0, tensor([0, 0, 1], { dtype: 'int32' })), [1, 2, 3]),
  ),
  row('scatterAdd, one index twice', 'scatterAdd', [1, 1, 1, 1], () =>
    gradientAt((x, source) => scatterAdd(x, 0, tensor([0, 0], { dtype: 'int32' }), source), [1, 2], [3, 4]),
  ),
  row('embedding, one row twice', 'embedding', [2, 1, 0], () =>
    gradientAt(weights => embedding(weights, tensor([0, 0, 1], { dtype: 'int32' })), [1, 2, 3]),
  ),
  row('embeddingBag of mode max, a tie of two rows', 'embeddingBag', [0.5, 0.5], () =>
    gradientAt(
      table => embeddingBag(unsqueeze(table, 1), tensor([[0, 1]], { dtype: 'int32' }), { mode: 'max' }),
      [2, 2],
    ),
  ),
  row('layerNorm of a constant, epsilon 0.25', 'layerNorm', [0, 0], () =>
    gradientAt(x => layerNorm(x, 2, { epsilon: 0.25 }), [3, 3]),
  ),
  row('scatter, two sources for one place', 'scatter', [0, 1, 0, 1], () =>
    gradientAt((x, source) => scatter(x, 0, tensor([0, 0], { dtype: 'int32' }), source), [1, 2], [3, 4]),
  ),
  row(
    'scatterReduce by amax, a tie of an element and two sources',
    'scatterReduce',
    [1 / 3, 1, 1 / 3, 1 / 3],
    () =>
      gradientAt(
        (x, source) => scatterReduce(x, 0, tensor([0, 0], { dtype: 'int32' }), source, 'amax'),
        [1, 0],
        [1, 1],
      ),
  ),
  row('scatterReduce by prod, one zero among the sources', 'scatterReduce', [0, 1, 6, 0], () =>
    gradientAt(
      (x, source) => scatterReduce(x, 0, tensor([0, 0], { dtype: 'int32' }), source, 'prod'),
      [2, 1],
      [0, 3],
    ),
  ),
  row('take, an index out of range', 'take', 'ArgumentError', () =>
    valueAt(x => take(x, tensor([2], { dtype: 'int32' })), [1, 2]),
  ),

  // Second derivatives.
  row('second derivative of relu', 'relu', [0, 0, 0], () => secondAt(relu, [-1, 0, 1])),
  row('second derivative of abs', 'abs', [0, 0, 0], () => secondAt(abs, [-1, 0, 1])),
  row('second derivative of max', 'max', [0, 0], () => secondAt(x => max(x), [1, 2])),
  row('second derivative of exp at 1', 'exp', [Math.E], () => secondAt(exp, 1)),
  row('second derivative of tanh at 1', 'tanh', [-2 * Math.tanh(1) * (1 - Math.tanh(1) ** 2)], () =>
    secondAt(tanh, 1),
  ),
  row(
    'second derivative of sigmoid at 1',
    'sigmoid',
    [sigmoidOf(1) * (1 - sigmoidOf(1)) * (1 - 2 * sigmoidOf(1))],
    () => secondAt(sigmoid, 1),
  ),
  row('second derivative of the first softmax output at (0, 0)', 'softmax', [0, 0], () =>
    secondAt(x => mul(softmax(x), tensor([1, 0])), [0, 0]),
  ),
  row('second derivative of softmax squared at (0, 0)', 'softmax', [0, 0], () =>
    secondAt(x => square(softmax(x)), [0, 0]),
  ),

  // NaN passes through.
  row('relu of NaN: value', 'relu', [NAN], () => valueAt(relu, NAN)),
  row('maximum of NaN and 1: value', 'maximum', [NAN], () => valueAt(x => maximum(x, 1), NAN)),
  row('fmax of NaN and 1: value', 'fmax', [1], () => valueAt(x => fmax(x, 1), NAN)),
  row('softShrink of NaN: value', 'softShrink', [NAN], () => valueAt(x => softShrink(x), NAN)),
  row('silu of -infinity: value', 'silu', [NAN], () => valueAt(silu, -INFINITY)),
  row('max with a NaN: value', 'max', [NAN], () => valueAt(x => max(x), [1, NAN])),
  row('median with a NaN: value', 'median', [NAN], () => valueAt(x => median(x), [1, NAN, 3])),
  row('quantile with a NaN: value', 'quantile', [NAN], () => valueAt(x => quantile(x, 0), [1, NAN, 3])),
  row('sort with a NaN: value', 'sort', [1, 3, NAN], () => valueAt(x => sort(x), [NAN, 3, 1])),
  row('nanSum', 'nanSum', [1, 0, 1], () => gradientAt(x => nanSum(x), [1, NAN, 3])),
  row('nanMean', 'nanMean', [0.5, 0, 0.5], () => gradientAt(x => nanMean(x), [1, NAN, 3])),

  // What has no gradient says so.
  row('requiresGrad of int32', 'tensor', 'DTypeError', () =>
    flat([tensor([1, 2], { dtype: 'int32', requiresGrad: true })]),
  ),
  row('gradient of a tensor with two elements', 'gradients', 'GraphError', () => {
    const x = leaf([1, 2])
    return flat(gradients(square(x), [x]))
  }),
  row('gradient through argmax', 'argmax', 'GraphError', () => {
    const x = leaf([1, 2])
    return flat(gradients(argmax(x), [x]))
  }),
  row('gradient through a cast to int32', 'cast', 'GraphError', () => {
    const x = leaf(1)
    return flat(gradients(cast(x, 'int32'), [x]))
  }),

  // Broadcasting.
  row('a number repeated over three elements', 'add', [3], () =>
    gradientAt(x => add(x, tensor([1, 2, 3], { dtype: 'float64' })), 1),
  ),
  row('three elements minus one number', 'sub', [1, 1, 1, -3], () => gradientAt(sub, [1, 2, 3], 1)),
]
