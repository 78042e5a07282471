import { center } from '../ops/center.ts'
import { div } from '../ops/div.ts'
import { square } from '../ops/square.ts'
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
 * division by 0: NaN for equal elements, so also for one, and Infinity otherwise.
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
  const divisor = freedomOf('variance', x, axes, options)
  return div(sum(squares, axes, { keepDims: options.keepDims ?? false }), divisor) as unknown as Tensor<
    Reduced<S, Axis, Keep>
  >
}

/** What the sum of squares is divided by: the count less the correction, and not below 0. */
export function freedomOf(op: string, x: Tensor, axes: readonly number[], options: VarianceOptions): number {
  return Math.max(0, countAlong(x.shape, axes) - expectNumber(op, 'correction', options.correction ?? 0))
}
