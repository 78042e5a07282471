import { matmul } from '../ops/matmul.ts'
import { reshape } from '../ops/reshape.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The product of all elements of two tensors, in row-major order: Σ x y, `[...s] × [...t] -> []`.
 *
 * @example
 * ```ts
 * import { tensor, vdot } from '@adjoint/core'
 * vdot(tensor([[1, 2], [3, 4]]), tensor([[1, 0], [0, 1]])).item() // => 5
 * ```
 * @throws ShapeError when the numbers of elements differ.
 */
export function vdot(x: Tensor, y: Tensor): Tensor<[]> {
  if (expectTensor('vdot', x).size !== expectTensor('vdot', y).size) {
    throw new ShapeError(
      'vdot',
      `takes tensors with equally many elements, got ${formatShape(x.shape)} and ${formatShape(y.shape)}.`,
      [x.shape, y.shape],
    )
  }
  return matmul(reshape(x, [x.size]), reshape(y, [y.size])) as Tensor<[]>
}
