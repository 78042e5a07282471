import { diagonal, diagonalAttributes } from '../ops/diagonal.ts'
import { AxisError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { diagonalEmbed } from './diagonalEmbed.ts'

/**
 * A vector as the diagonal of a square matrix, or the diagonal of a matrix as a vector. For batches, `diagonal` and
 * `diagonalEmbed` say which of the two is meant.
 *
 * @example
 * ```ts
 * import { diag, tensor } from '@adjoint/core'
 * diag(tensor([1, 2])).toArray() // => [[1, 0], [0, 2]]
 * diag(tensor([[1, 2], [3, 4]]), 1).toArray() // => [2]
 * ```
 * @throws AxisError for other ranks than 1 and 2; ArgumentError when the offset is not whole.
 */
export function diag(x: Tensor, offset = 0): Tensor {
  const { rank } = expectTensor('diag', x)
  if (rank === 1 || rank === 2) diagonalAttributes('diag', 2, { offset })
  if (rank === 1) return diagonalEmbed(x, { offset })
  if (rank === 2) return diagonal(x, { offset })
  throw new AxisError(
    'diag',
    0,
    rank,
    `takes a vector or a matrix, got rank ${rank}; diagonal and diagonalEmbed take batches.`,
  )
}
