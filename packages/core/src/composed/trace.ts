import { diagonal, diagonalAttributes } from '../ops/diagonal.ts'
import { sum } from '../ops/sum.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The sum of the diagonal of matrices, `[..., m, n] -> [...]`.
 *
 * @example
 * ```ts
 * import { tensor, trace } from '@adjoint/core'
 * trace(tensor([[1, 2], [3, 4]])).item() // => 5
 * ```
 * @throws AxisError for tensors of rank 0 or 1; ArgumentError when the offset is not whole.
 */
export function trace(x: Tensor, offset = 0): Tensor {
  diagonalAttributes('trace', expectTensor('trace', x).rank, { offset })
  return sum(diagonal(x, { offset }), -1)
}
