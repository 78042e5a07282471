import { swapLastAxes } from '../ops/permute.ts'
import { AxisError } from '../shape/errors.ts'
import type { Shape, Transposed } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The last two axes exchanged, `[..., m, n] -> [..., n, m]`, as a view.
 *
 * @example
 * ```ts
 * import { tensor, transpose } from '@adjoint/core'
 * transpose(tensor([[1, 2, 3], [4, 5, 6]])).toArray() // => [[1, 4], [2, 5], [3, 6]]
 * ```
 * @throws AxisError for tensors of rank 0 or 1.
 */
export function transpose<S extends Shape>(x: Tensor<S>): Tensor<Transposed<S>> {
  if (expectTensor('transpose', x).rank < 2) {
    throw new AxisError(
      'transpose',
      -2,
      x.rank,
      `needs at least two axes, got rank ${x.rank}; give a vector a second axis with unsqueeze.`,
    )
  }
  return swapLastAxes(x) as unknown as Tensor<Transposed<S>>
}
