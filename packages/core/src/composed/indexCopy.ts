import { overwrite } from '../ops/overwrite.ts'
import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { indexedSlices } from './indexAdd.ts'

/**
 * A copy of `x` with slices replaced along an axis: slice i of the source goes to slice `indices[i]`. Shapes as for
 * `indexAdd`. Of several slices for one place the last one stays, and the others get gradient 0, as have the slices of
 * `x` that were replaced.
 *
 * @example
 * ```ts
 * import { indexCopy, tensor } from '@adjoint/core'
 * const indices = tensor([2, 0], { dtype: 'int32' })
 * indexCopy(tensor([10, 20, 30]), 0, indices, tensor([1, 2])).toArray() // => [2, 20, 1]
 * ```
 * @throws ArgumentError for an index out of range; ShapeError for shapes that do not fit; DTypeError for indices that are
 * not int32.
 */
export function indexCopy<S extends Shape>(
  x: Tensor<S>,
  axis: number,
  indices: Tensor,
  source: Tensor,
): Tensor<S> {
  const { target, positions, placed, at } = indexedSlices('indexCopy', x as Tensor, axis, indices, source)
  return overwrite(target, positions, placed, at) as unknown as Tensor<S>
}
