import { overwrite } from '../ops/overwrite.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { indexedSlices } from './indexAdd.ts'

/**
 * A copy of `x` with one value in the slices at the indices along an axis; these slices get gradient 0. The value is a
 * number or a 0-d tensor.
 *
 * @example
 * ```ts
 * import { indexFill, tensor } from '@adjoint/core'
 * indexFill(tensor([[1, 2, 3]]), 1, tensor([0, -1], { dtype: 'int32' }), 9).toArray() // => [[9, 2, 9]]
 * ```
 * @throws ArgumentError for an index out of range; ShapeError for a value that is not one; DTypeError for indices that are
 * not int32.
 */
export function indexFill<S extends Shape>(
  x: Tensor<S>,
  axis: number,
  indices: Tensor,
  value: Tensor | number,
): Tensor<S> {
  if (typeof value !== 'number' && expectTensor('indexFill', value).rank !== 0) {
    throw new ShapeError(
      'indexFill',
      `takes a number or a 0-d tensor, got ${formatShape(value.shape)}; indexCopy takes one slice for each index.`,
      [value.shape],
    )
  }
  const { target, positions, placed, at } = indexedSlices('indexFill', x as Tensor, axis, indices, value)
  // Every value is the same, so it does not matter which one stays: but its gradient is counted once for each place.
  return overwrite(target, positions, placed, at) as unknown as Tensor<S>
}
