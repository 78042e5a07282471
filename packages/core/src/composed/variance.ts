import { add } from '../ops/add.ts'
import { center } from '../ops/center.ts'
import { div } from '../ops/div.ts'
import { pow } from '../ops/pow.ts'
import { reshape } from '../ops/reshape.ts'
import { square } from '../ops/square.ts'
import { stopGradient } from '../ops/stopGradient.ts'
import { sub } from '../ops/sub.ts'
import { sum } from '../ops/sum.ts'
import { countAlong } from '../primitive/reduction.ts'
import type { ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import type { Reduced, Shape } from '../shape/types.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link variance} and `standardDeviation`. */
export interface VarianceOptions<Keep extends boolean = boolean> extends ReductionOptions<Keep> {
  /** Subtracted from the count in the divisor: 0 for a population (default), 1 for the unbiased sample variance. */
  readonly correction?: number
}

/**
 * The mean of the squared deviations from the mean, Σ (x - mean)² / (count - correction), over one axis, several, or all.
 * PyTorch subtracts 1 unless told otherwise; here it is 0, as in NumPy. When the count is not above the correction it is a
 * division by 0: NaN for equal elements, so also for one, and Infinity otherwise; its derivatives are NaN, in every mode and
 * of every order.
 *
 * @example
 * ```ts
 * import { tensor, variance } from '@adjoint/core'
 * variance(tensor([1, 2, 3, 4])).item() // => 1.25
 * variance(tensor([1, 2, 3, 4]), 0, { correction: 1 }).item() // => 1.6667
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export function variance<
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(x: Tensor<S>, axis?: Axis, options: VarianceOptions<Keep> = {}): Tensor<Reduced<S, Axis, Keep>> {
  expectOptions('variance', options, ['correction', 'keepDims'])
  const axes = reducedAxes('variance', axis, expectTensor('variance', x).rank)
  const squares = square(center(x as Tensor, axes))
  const total = sum(squares, axes, { keepDims: options.keepDims ?? false })
  return overFreedom(total, x as Tensor, axes, freedomOf('variance', x, axes, options)) as unknown as Tensor<
    Reduced<S, Axis, Keep>
  >
}

/** What the sum of squares is divided by: the count less the correction, and not below 0. */
export function freedomOf(op: string, x: Tensor, axes: readonly number[], options: VarianceOptions): number {
  return Math.max(0, countAlong(x.shape, axes) - expectNumber(op, 'correction', options.correction ?? 0))
}

/**
 * What was summed over the axes of `x`, divided by what is left of the count. Where that is 0 the derivative is no number
 * whatever the elements are. The quotient alone would say so backward only: forward, the tangent of equal elements is an exact
 * 0, which lets no infinite factor through.
 */
export function overFreedom(summed: Tensor, x: Tensor, axes: readonly number[], divisor: number): Tensor {
  if (divisor !== 0) return div(summed, divisor)
  const total = reshape(sum(x, axes), summed.shape)
  // 1^NaN is 1, and its derivatives, of every order, are NaN.
  const one = pow(add(sub(total, stopGradient(total)), 1), Number.NaN)
  return add(div(stopGradient(summed), 0), sub(one, 1))
}
