import { div } from '../ops/div.ts'
import { inverseFor } from '../ops/inverse.ts'
import { max } from '../ops/max.ts'
import { min } from '../ops/min.ts'
import { mul } from '../ops/mul.ts'
import { expectMatrices, expectSquare } from '../primitive/matrices.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type MatrixNormOrder, matrixNorm, someOf } from './matrixNorm.ts'
import { singularValues } from './singularValues.ts'

/**
 * How much a relative error may grow when a system is solved, `[..., m, n] -> [...]`: the norm of the matrix times that of its
 * inverse. With order 2 (default) the ratio of the largest to the smallest singular value, for matrices of any shape, and
 * Infinity for a singular one.
 *
 * @example
 * ```ts
 * import { conditionNumber, tensor } from '@adjoint/core'
 * conditionNumber(tensor([[2, 0], [0, 0.5]])).item() // => 4
 * ```
 * @throws ArgumentError for a singular matrix and another order than 2 or -2, or an empty one.
 */
export function conditionNumber(a: Tensor, order: MatrixNormOrder = 2): Tensor {
  if (order === 2 || order === -2) {
    const values = someOf('conditionNumber', a, singularValues(expectMatrices('conditionNumber', a)))
    const [largest, smallest] = [max(values, -1), min(values, -1)]
    return order === 2 ? div(largest, smallest) : div(smallest, largest)
  }
  expectSquare('conditionNumber', a)
  if (typeof order === 'number') someOf('conditionNumber', a, a)
  return mul(matrixNorm(a, order), matrixNorm(inverseFor('conditionNumber', a), order))
}
