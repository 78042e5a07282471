import { reshape } from '../ops/reshape.ts'
import { expectIndexDType } from '../primitive/positions.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { takeAlong } from './take.ts'

/**
 * The slices of `x` at a list of int32 indices along an axis, in the order of the list: `[...a, n, ...c]` and `[k]` give
 * `[...a, k, ...c]`. `take` does the same for indices of any shape.
 *
 * @example
 * ```ts
 * import { indexSelect, tensor } from '@adjoint/core'
 * const x = tensor([[1, 2], [3, 4], [5, 6]])
 * indexSelect(x, 0, tensor([2, 0, 2], { dtype: 'int32' })).toArray() // => [[5, 6], [1, 2], [5, 6]]
 * ```
 * @throws ArgumentError for an index out of range; ShapeError for indices that are no list; DTypeError when not int32.
 */
export function indexSelect(x: Tensor, axis: number, indices: Tensor): Tensor {
  const at = normalizeAxis('indexSelect', axis, expectTensor('indexSelect', x).rank)
  return takeAlong('indexSelect', x, indexList('indexSelect', indices), at)
}

/** Indices as a list: one axis, or none for a single index. */
export function indexList(op: string, indices: Tensor): Tensor {
  expectIndexDType(op, indices)
  if (indices.rank === 1) return indices
  if (indices.rank === 0) return reshape(indices, [1])
  throw new ShapeError(op, `the indices must be a list, got shape ${formatShape(indices.shape)}.`, [
    indices.shape,
  ])
}
