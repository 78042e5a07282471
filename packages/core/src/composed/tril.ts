import { where } from '../ops/where.ts'
import { ArgumentError, AxisError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor, scalar } from '../tensor/create.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'

/**
 * The lower triangle of matrices `[..., m, n]`, zeros above it. `diagonal` says how far above the main diagonal the last
 * one that stays is; negative for below.
 *
 * @example
 * ```ts
 * import { ones, tril } from '@adjoint/core'
 * tril(ones([2, 3])).toArray() // => [[1, 0, 0], [1, 1, 0]]
 * tril(ones([2, 2]), -1).toArray() // => [[0, 0], [1, 0]]
 * ```
 * @throws AxisError for tensors of rank 0 or 1; ArgumentError when the diagonal is not whole.
 */
export function tril<S extends Shape>(x: Tensor<S>, diagonal = 0): Tensor<S> {
  return triangle('tril', x, diagonal, (row, column) => column - row <= diagonal) as Tensor<S>
}

/** The elements of every matrix whose place `isKept`, zeros elsewhere. */
export function triangle(
  name: string,
  x: Tensor,
  diagonal: number,
  isKept: (row: number, column: number) => boolean,
): Tensor {
  const { rank, shape, dtype } = expectTensor(name, x)
  if (!Number.isInteger(diagonal)) {
    throw new ArgumentError(name, `the diagonal must be a whole number, got ${String(diagonal)}.`)
  }
  if (rank < 2) {
    throw new AxisError(name, -2, rank, `needs matrices, so at least two axes; got rank ${rank}.`)
  }
  const [rows, columns] = [shape[rank - 2]!, shape[rank - 1]!]
  const mask = allocate([rows, columns], 'bool')
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (isKept(row, column)) mask.storage[mask.offset + row * columns + column] = 1
    }
  }
  return where(mask, x, scalar(0, dtype))
}
