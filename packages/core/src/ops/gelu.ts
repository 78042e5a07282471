import { complementaryErrorFunction } from '../backend/errorFunction.ts'
import type { UnaryLoop } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { unaryPrimitive } from '../primitive/elementwise.ts'
import { type Op, op } from '../primitive/primitive.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { clip } from './clip.ts'
import { erfc } from './erfc.ts'
import { exp } from './exp.ts'
import { mul } from './mul.ts'
import { neg } from './neg.ts'
import { sigmoid } from './sigmoid.ts'
import { square } from './square.ts'

/** tanh u = 2 σ(2u) - 1, so that (1 + tanh u) / 2 = σ(2u), where 2u is LINEAR (x + CUBIC x³) and LINEAR is 2 √(2/π). */
const LINEAR = 1.5957691216057308
const CUBIC = 0.044715

const exact: UnaryLoop = (count, x, xAt, xStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) {
    const value = x[xAt + i * xStep]!
    out[outAt + i * outStep] = value * (0.5 * complementaryErrorFunction(-value * Math.SQRT1_2))
  }
}

const byTanh: UnaryLoop = (count, x, xAt, xStep, out, outAt, outStep) => {
  for (let i = 0; i < count; i++) {
    const value = x[xAt + i * xStep]!
    out[outAt + i * outStep] = value / (1 + Math.exp(-LINEAR * (value + CUBIC * value * value * value)))
  }
}

/** Beyond ±40 the slopes are 0 or 1 to all digits: there no power of x shall overflow. */
function nearZero(x: Tensor): Tensor {
  return clip(x, { low: -40, high: 40 })
}

/** Φ(x) + x φ(x), the distribution and the density of the normal law. */
function exactSlope(x: Tensor): Tensor {
  const near = nearZero(x)
  const distribution = mul(erfc(mul(near, -Math.SQRT1_2)), 0.5)
  const density = mul(exp(mul(square(near), -0.5)), 1 / Math.sqrt(2 * Math.PI))
  return add(distribution, mul(near, density))
}

/** σ(v) + x v' σ(v) σ(-v) with v = 2u. */
function approximateSlope(x: Tensor): Tensor {
  const near = nearZero(x)
  const squared = square(near)
  const v = mul(near, add(mul(squared, LINEAR * CUBIC), LINEAR))
  const slope = mul(near, add(mul(squared, 3 * LINEAR * CUBIC), LINEAR))
  const share = sigmoid(v)
  return mul(share, add(mul(slope, sigmoid(neg(v))), 1))
}

const primitive = /* @__PURE__ */ unaryPrimitive({
  name: 'gelu',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep, attributes) =>
    (attributes.approximate === 'tanh' ? byTanh : exact)(
      count,
      x,
      xAt,
      xStep,
      out,
      outAt,
      outStep,
      attributes,
    ),
  derivative: ({ inputs: [x], attributes }) =>
    attributes.approximate === 'tanh' ? approximateSlope(x!) : exactSlope(x!),
  keeps: 'inputs',
  domain: 'real',
  sampleAttributes: draw => ({ approximate: draw.boolean() ? 'tanh' : 'none' }),
})

/** Settings of {@link gelu}. */
export interface GeluOptions {
  /** `none` (default): the error function. `tanh`: x / 2 · (1 + tanh(√(2/π) (x + 0.044715 x³))), as some networks have it. */
  readonly approximate?: 'none' | 'tanh'
}

/**
 * The Gaussian error linear unit, x Φ(x), with Φ the distribution of the normal law. `d gelu = (Φ(x) + x φ(x)) dx`, with
 * φ its density.
 *
 * NaN at -∞, as the product -∞ · 0. Source: D. Hendrycks, K. Gimpel, "Gaussian Error Linear Units (GELUs)", 2016.
 *
 * @example
 * ```ts
 * import { gelu, tensor } from '@adjoint/core'
 * gelu(tensor([-1, 0, 1])).toArray() // => [-0.1587, 0, 0.8413]
 * gelu(tensor([-1, 0, 1]), { approximate: 'tanh' }).toArray() // => [-0.1588, 0, 0.8412]
 * ```
 * @throws ArgumentError for another approximation.
 */
export const gelu: Op<<S extends Shape>(x: Tensor<S>, options?: GeluOptions) => Tensor<S>> =
  /* @__PURE__ */ op(primitive, <S extends Shape>(x: Tensor<S>, options: GeluOptions = {}) => {
    expectOptions('gelu', options, ['approximate'])
    const { approximate = 'none' } = options
    if (approximate !== 'none' && approximate !== 'tanh') {
      throw new ArgumentError('gelu', `approximate is 'none' or 'tanh', got ${describe(approximate)}.`)
    }
    return apply(primitive, [expectTensor('gelu', x)], { approximate }) as Tensor<S>
  })
