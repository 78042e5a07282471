import { add } from '../ops/add.ts'
import { luFactors } from '../ops/luFactors.ts'
import { luPermutation } from '../ops/luPermutation.ts'
import { matmul } from '../ops/matmul.ts'
import { swapLastAxes } from '../ops/permute.ts'
import { rowsOf } from '../ops/qrFactors.ts'
import { trianglePart } from '../ops/triangularSolve.ts'
import { expectMatrices } from '../primitive/matrices.ts'
import { eye } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A = P L U, with k the smaller of m and n. */
export interface Lu {
  /** A permutation matrix, `[..., m, m]`, without gradient. */
  readonly permutation: Tensor
  /** Lower triangular with ones on the diagonal, `[..., m, k]`. */
  readonly lower: Tensor
  /** Upper triangular, `[..., k, n]`. */
  readonly upper: Tensor
}

/**
 * The factors A = P L U of matrices `[..., m, n]`, by Gaussian elimination with partial pivoting: P is a permutation matrix.
 * The factors exist for every matrix, the gradient where the first min(m, n) columns and rows, after the permutation, are
 * independent.
 *
 * @example
 * ```ts
 * import { lu, tensor } from '@adjoint/core'
 * const { permutation, lower, upper } = lu(tensor([[1, 2], [2, 2]]))
 * permutation.toArray() // => [[0, 1], [1, 0]]
 * lower.toArray() // => [[1, 0], [0.5, 1]]
 * upper.toArray() // => [[2, 2], [0, 1]]
 * ```
 * @throws ArgumentError when the gradient is asked for at a singular matrix; ShapeError for tensors of rank 0 or 1.
 */
export function lu(a: Tensor): Lu {
  const [m, n] = expectMatrices('lu', a).shape.slice(-2) as [number, number]
  const k = Math.min(m, n)
  const permutation = luPermutation(a)
  const packed = luFactors(matmul(swapLastAxes(permutation), a))
  const ones = eye(m, k, { dtype: packed.dtype })
  const left = swapLastAxes(rowsOf(swapLastAxes(packed), 0, k))
  return {
    permutation,
    lower: add(trianglePart(left, true, true), ones),
    upper: trianglePart(rowsOf(packed, 0, k), false, false),
  }
}
