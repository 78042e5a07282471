import { pairwise } from '../backend/pairwise.ts'
import { apply } from '../graph/apply.ts'
import { type Op, op, type ReductionAttributes, type ReductionPrimitive } from '../primitive/primitive.ts'
import {
  expectElements,
  type GroupLoop,
  reducedShape,
  reduceGroups,
  sampleReduction,
} from '../primitive/reduction.ts'
import type { ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import { reducedAxes } from '../shape/shape.ts'
import type { Reduced, Shape } from '../shape/types.ts'
import { type TypedArray, toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { abs } from './abs.ts'
import { cast } from './cast.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { mul } from './mul.ts'
import { pow } from './pow.ts'
import { sign } from './sign.ts'
import { sum } from './sum.ts'
import { where } from './where.ts'

/** Settings of {@link norm}. */
export interface NormOptions<Keep extends boolean = boolean> extends ReductionOptions<Keep> {
  /** The p of the p-norm, any number, `Infinity` and `-Infinity` among them. Default 2. */
  readonly order?: number
}

interface NormAttributes extends ReductionAttributes {
  readonly order: number
}

/** Between these the sum of squares has neither overflowed nor lost anything that counts. */
const [SAFE_LOW, SAFE_HIGH] = [1e-280, 1e300]

/** Σ |x / scale|^order, one after the other. */
function powerSum(
  count: number,
  x: TypedArray,
  at: number,
  step: number,
  [order, scale]: readonly [number, number],
): number {
  let total = 0
  if (order === 1) for (let i = 0; i < count; i++) total += Math.abs(x[at + i * step]! / scale)
  else if (order === 2)
    for (let i = 0; i < count; i++) {
      const value = x[at + i * step]! / scale
      total += value * value
    }
  else for (let i = 0; i < count; i++) total += Math.abs(x[at + i * step]! / scale) ** order
  return total
}

function largest(count: number, x: TypedArray, at: number, step: number): number {
  let best = 0
  for (let i = 0; i < count; i++) {
    const value = Math.abs(x[at + i * step]!)
    if (!(value <= best)) {
      if (Number.isNaN(value)) return value
      best = value
    }
  }
  return best
}

function smallest(count: number, x: TypedArray, at: number, step: number): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < count; i++) {
    const value = Math.abs(x[at + i * step]!)
    if (!(value >= best)) {
      if (Number.isNaN(value)) return value
      best = value
    }
  }
  return best
}

/** The norm of one group: the powers are those of the elements over the one that counts most, which cannot overflow. */
function loopOf(order: number): GroupLoop {
  if (order === 0) {
    return (count, x, at, step) => {
      let total = 0
      for (let i = 0; i < count; i++) if (x[at + i * step] !== 0) total++
      return total
    }
  }
  const plain = [order, 1] as const
  if (order === 1) return (count, x, at, step) => pairwise(powerSum, count, x, at, step, plain)
  if (order === Number.POSITIVE_INFINITY) return largest
  if (order === Number.NEGATIVE_INFINITY) return smallest
  return (count, x, at, step) => {
    if (order === 2) {
      const squares = pairwise(powerSum, count, x, at, step, plain)
      if (squares > SAFE_LOW && squares < SAFE_HIGH) return Math.sqrt(squares)
    }
    const leading = order > 0 ? largest(count, x, at, step) : smallest(count, x, at, step)
    if (leading === 0 || !Number.isFinite(leading)) return leading
    // Dividing by a power of two rounds nothing; elsewhere the leading element itself makes the norm of one element exact.
    const scale = order === 2 ? 2 ** Math.min(1023, Math.floor(Math.log2(leading))) : leading
    const total = pairwise(powerSum, count, x, at, step, [order, scale])
    return scale * (order === 2 ? Math.sqrt(total) : total ** (1 / order))
  }
}

/**
 * sign(x) (|x| / n)^(p - 1), in the form that keeps the most derivatives: for whole p no power is taken of a magnitude.
 * Elsewhere an element that is 0 has the derivative 0, of every order.
 */
function powerDerivative(x: Tensor, output: Tensor, order: number): Tensor {
  const isOrigin = equal(output, 0)
  const ratio = div(x, where(isOrigin, 1, output))
  const slope = (): Tensor => {
    if (order === 2) return ratio
    if (order > 0 && order % 2 === 0) return pow(ratio, order - 1)
    if (order > 0 && order % 2 === 1) return mul(sign(x), pow(ratio, order - 1))
    const isZero = equal(x, 0)
    return where(isZero, 0, mul(sign(x), pow(abs(where(isZero, 1, ratio)), order - 1)))
  }
  return where(isOrigin, 0, slope())
}

const primitive: ReductionPrimitive = {
  name: 'norm',
  kind: 'reduction',
  keeps: 'both',
  derivative: (x, output, axes, attributes) => {
    const { order } = attributes as NormAttributes
    if (order === 0) return 0
    if (order === 1) return sign(x)
    if (Number.isFinite(order)) return powerDerivative(x, output, order)
    const ties = cast(equal(abs(x), output), x.dtype)
    return mul(sign(x), div(ties, sum(ties, axes, { keepDims: true })))
  },
  sample: draw => {
    const orders = [2, 1, 3, 4, 1.5, 2.5, 0.5, -1, -1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const order = orders[draw.integer(0, orders.length - 1)]!
    const { inputs, attributes } = sampleReduction('distinct', hasValueOfNothing(order) ? 0 : 1)(draw)
    return { inputs, attributes: { ...attributes, order } }
  },
  result: ([x], attributes) => {
    const { axes, keepDims, order } = attributes as NormAttributes
    if (!hasValueOfNothing(order)) expectElements('norm', x!, axes)
    return { shape: reducedShape(x!.shape, axes, keepDims), dtype: toFloating(x!.dtype) }
  },
  forward: ([x], attributes) => {
    const { axes, order } = attributes as NormAttributes
    if (!hasValueOfNothing(order)) expectElements('norm', x!, axes)
    return reduceGroups('norm', x!, attributes as NormAttributes, toFloating(x!.dtype), loopOf(order))
  },
}

function hasValueOfNothing(order: number): boolean {
  return order >= 0 && order !== Number.POSITIVE_INFINITY
}

/** {@link norm}: a reduction with one more setting. */
export type NormOp = <
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(
  x: Tensor<S>,
  axis?: Axis,
  options?: NormOptions<Keep>,
) => Tensor<Reduced<S, Axis, Keep>>

/**
 * The p-norm of vectors, (Σ |x|^p)^(1/p), over one axis, several, or all: order 2 (Euclidean) by default; order 1 is the sum
 * of magnitudes, `Infinity` the largest and `-Infinity` the smallest magnitude, 0 the number of elements other than 0.
 * Computed in float64 relative to the largest element, so that nothing overflows on the way. Several axes are one vector:
 * norms of matrices are `matrixNorm`.
 *
 * `d norm = Σ sign(x) (|x| / norm)^(p-1) dx`
 *
 * Kink policy: 0 at the origin, in the second derivative too, and at elements that are 0; equal largest (or smallest)
 * magnitudes share the cotangent evenly. Where second derivatives are infinite, at elements that are 0 under an order below
 * 2, they are taken as 0.
 *
 * @example
 * ```ts
 * import { norm, tensor } from '@adjoint/core'
 * norm(tensor([3, 4])).item() // => 5
 * norm(tensor([[3, -4], [0, 1]]), 1, { order: Infinity }).toArray() // => [4, 1]
 * const x = tensor([0, 0], { requiresGrad: true })
 * norm(x).backward()
 * x.grad?.toArray() // => [0, 0]
 * ```
 * @throws ArgumentError for an order that is no number, and for no elements where the norm of nothing has no value: a
 * negative order, or an infinite one.
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const norm: Op<NormOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis?: number | readonly number[],
  options: NormOptions = {},
) => {
  expectOptions('norm', options, ['order', 'keepDims'])
  const { order = 2, keepDims = false } = options
  if (typeof order !== 'number' || Number.isNaN(order))
    throw new ArgumentError('norm', `the order is a number such as 1, 2 or Infinity, got ${describe(order)}.`)
  const axes = reducedAxes('norm', axis, expectTensor('norm', x).rank)
  return apply(primitive, [x], { axes, keepDims, order })
}) as NormOp)
