import { cast } from '../ops/cast.ts'
import { div } from '../ops/div.ts'
import { mean } from '../ops/mean.ts'
import { square } from '../ops/square.ts'
import { sub } from '../ops/sub.ts'
import { sum } from '../ops/sum.ts'
import { countAlong } from '../primitive/reduction.ts'
import type { ReductionOptions } from '../primitive/signatures.ts'
import { normalizeAxes } from '../shape/shape.ts'
import type { Reduced, Shape } from '../shape/types.ts'
import { toFloating } from '../storage/dtype.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link variance}. */
export interface VarianceOptions<Keep extends boolean = boolean> extends ReductionOptions<Keep> {
  /** Subtracted from the count in the divisor: 0 for a population (default), 1 for the unbiased sample variance. */
  readonly correction?: number
}

/**
 * The mean of the squared deviations from the mean, Σ (x - mean)² / (count - correction).
 * When the count is not above the correction it is a division by 0: NaN for equal elements, Infinity otherwise.
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
  const axes = normalizeAxes('variance', axis, expectTensor('variance', x).rank)
  const values = cast(x as Tensor, toFloating(x.dtype))
  const deviations = sub(values, mean(values, axes, { keepDims: true }))
  const divisor = Math.max(
    0,
    countAlong(x.shape, axes) - expectNumber('variance', 'correction', options.correction ?? 0),
  )
  return div(sum(square(deviations), axes, options), divisor) as unknown as Tensor<Reduced<S, Axis, Keep>>
}
