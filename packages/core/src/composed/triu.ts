import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { triangle } from './tril.ts'

/**
 * The upper triangle of matrices `[..., m, n]`, zeros below it. `diagonal` says how far above the main diagonal the first
 * one that stays is; negative for below.
 *
 * @example
 * ```ts
 * import { ones, triu } from '@adjoint/core'
 * triu(ones([2, 3])).toArray() // => [[1, 1, 1], [0, 1, 1]]
 * triu(ones([2, 2]), 1).toArray() // => [[0, 1], [0, 0]]
 * ```
 * @throws AxisError for tensors of rank 0 or 1; ArgumentError when the diagonal is not whole.
 */
export function triu<S extends Shape>(x: Tensor<S>, diagonal = 0): Tensor<S> {
  return triangle('triu', x, diagonal, (row, column) => column - row >= diagonal) as Tensor<S>
}
