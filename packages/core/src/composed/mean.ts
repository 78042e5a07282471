import { cast } from '../ops/cast.ts'
import { div } from '../ops/div.ts'
import { sum } from '../ops/sum.ts'
import type { ReductionOp, ReductionOptions } from '../primitive/signatures.ts'
import { normalizeAxes } from '../shape/shape.ts'
import { toFloating } from '../storage/dtype.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The mean over one axis, several, or all. NaN for no elements; integers become float32.
 *
 * @example
 * ```ts
 * import { mean, tensor } from '@adjoint/core'
 * mean(tensor([[1, 2], [3, 4]]), 0).toArray() // => [2, 3]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const mean: ReductionOp = ((
  x: Tensor,
  axis?: number | readonly number[],
  options?: ReductionOptions,
) => {
  const axes = normalizeAxes('mean', axis, x.rank)
  const values = cast(x, toFloating(x.dtype))
  return div(sum(values, axes, options), countAlong(x, axes))
}) as ReductionOp

/** Number of elements along some axes. */
export function countAlong(x: Tensor, axes: readonly number[]): number {
  return axes.reduce((count, axis) => count * x.shape[axis]!, 1)
}
