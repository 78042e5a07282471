import { type DiagonalOptions, diagonalAttributes } from '../ops/diagonal.ts'
import { placeDiagonal } from '../ops/placeDiagonal.ts'
import { expectOptions } from '../shape/arguments.ts'
import { AxisError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Square matrices with the last axis of `x` on a diagonal and zeros elsewhere, `[..., n] -> [..., m, m]` with m = n plus
 * the distance of the diagonal from the main one. `axes` are those of the result.
 *
 * @example
 * ```ts
 * import { diagonalEmbed, tensor } from '@adjoint/core'
 * diagonalEmbed(tensor([1, 2])).toArray() // => [[1, 0], [0, 2]]
 * diagonalEmbed(tensor([1]), { offset: -1 }).toArray() // => [[0, 0], [1, 0]]
 * ```
 * @throws AxisError for 0-d tensors, and when the two axes do not exist or are one; ArgumentError when the offset is not whole.
 */
export function diagonalEmbed(x: Tensor, options: DiagonalOptions = {}): Tensor {
  expectOptions('diagonalEmbed', options, ['offset', 'axes'])
  const { rank, shape } = expectTensor('diagonalEmbed', x)
  if (rank === 0) {
    throw new AxisError('diagonalEmbed', -1, 0, 'needs an axis to put on the diagonal, got a 0-d tensor.')
  }
  const attributes = diagonalAttributes('diagonalEmbed', rank + 1, options)
  const size = shape[rank - 1]! + Math.abs(attributes.offset)
  return placeDiagonal(x, { ...attributes, sizes: [size, size] })
}
