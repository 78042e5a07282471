import { accumulate } from '../ops/accumulate.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { expectIndexDType } from '../primitive/positions.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Sums of the rows that belong together: `[...i, ...c]` and int32 segment numbers `[...i]` give `[segments, ...c]`; a
 * segment without rows is 0. The numbers need not be sorted. Rows are added in row-major order: the same on every run.
 *
 * @example
 * ```ts
 * import { segmentSum, tensor } from '@adjoint/core'
 * const ids = tensor([0, 2, 0], { dtype: 'int32' })
 * segmentSum(tensor([1, 2, 3]), ids, 3).toArray() // => [4, 0, 2]
 * ```
 * @throws ArgumentError for a segment number below 0 or not below `segments`; ShapeError when the segment numbers do not
 * have the first axes of `x`; DTypeError when they are not int32.
 */
export function segmentSum(x: Tensor, segmentIds: Tensor, segments: number): Tensor {
  const { shape } = expectTensor('segmentSum', x)
  expectIndexDType('segmentSum', segmentIds)
  if (!Number.isInteger(segments) || segments < 0)
    throw new ArgumentError(
      'segmentSum',
      `the number of segments must be a whole number from 0 up, got ${segments}.`,
    )
  if (!sameShape(shape.slice(0, segmentIds.rank), segmentIds.shape)) {
    throw new ShapeError(
      'segmentSum',
      `the segment numbers ${formatShape(segmentIds.shape)} must have the first axes of ${formatShape(shape)}.`,
      [shape, segmentIds.shape],
    )
  }
  const bounds = { size: segments, caller: 'segmentSum', of: 'the segments', wrap: false }
  return accumulate(x, wrapIndices(segmentIds, bounds), segments)
}
