import { inverse } from '../ops/inverse.ts'
import { matmul } from '../ops/matmul.ts'
import { where } from '../ops/where.ts'
import { expectSquare } from '../primitive/matrices.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { eye, zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * A whole power of square matrices, `[..., n, n] -> [..., n, n]`, by repeated squaring; of the inverse for negative powers, the
 * identity for 0.
 *
 * @example
 * ```ts
 * import { matrixPower, tensor } from '@adjoint/core'
 * matrixPower(tensor([[1, 1], [1, 0]]), 10).toArray() // => [[89, 55], [55, 34]]
 * ```
 * @throws ArgumentError for a power that is not whole, or a negative power of a singular matrix.
 */
export function matrixPower<S extends Shape>(a: Tensor<S>, power: number): Tensor<S> {
  const matrix = expectSquare('matrixPower', a)
  if (!Number.isSafeInteger(power)) {
    throw new ArgumentError('matrixPower', `the power must be a whole number, got ${describe(power)}.`)
  }
  if (power === 0) {
    const n = matrix.shape.at(-1)!
    // Constant, but a part of the graph of the matrix: its gradient is 0.
    return where(zeros([n, n], { dtype: 'bool' }), matrix, eye(n, n, { dtype: matrix.dtype })) as Tensor<S>
  }
  let square = power < 0 ? inverse(matrix) : matrix
  let result: Tensor | undefined
  for (let rest = Math.abs(power); ; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? square : matmul(result, square)
    if (rest <= 1) return result as Tensor<S>
    square = matmul(square, square)
  }
}
