import type { Tensor } from '../tensor/tensor.ts'
import { eigh } from './eigh.ts'

/**
 * The eigenvalues of symmetric matrices, ascending, `[..., n, n] -> [..., n]`; of (A + Aᵀ)/2, as in `eigh`. `dw = diag(Vᵀ dA V)`:
 * the first derivative exists where values are equal too, the second one does not.
 *
 * @example
 * ```ts
 * import { eigvalsh, tensor } from '@adjoint/core'
 * eigvalsh(tensor([[0, 1], [1, 0]])).toArray() // => [-1, 1]
 * ```
 * @throws ShapeError when the matrices are not square.
 */
export function eigvalsh(a: Tensor): Tensor {
  return eigh(a).values
}
