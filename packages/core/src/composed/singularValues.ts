import type { Tensor } from '../tensor/tensor.ts'
import { svd } from './svd.ts'

/**
 * The singular values of matrices, descending, `[..., m, n] -> [..., min(m, n)]`. `ds = diag(Uᵀ dA V)`: the first derivative
 * exists where values are equal too, the second one does not.
 *
 * @example
 * ```ts
 * import { singularValues, tensor } from '@adjoint/core'
 * singularValues(tensor([[0, 2, 0], [3, 0, 0]])).toArray() // => [3, 2]
 * ```
 * @throws ShapeError for tensors of rank 0 or 1.
 */
export function singularValues(a: Tensor): Tensor {
  return svd(a).s
}
