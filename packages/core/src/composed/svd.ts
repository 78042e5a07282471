import { swapLastAxes } from '../ops/permute.ts'
import { svdFactors, svdParts } from '../ops/svdFactors.ts'
import { expectMatrices } from '../primitive/matrices.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { completeBasis } from './completeBasis.ts'

/** Settings of {@link svd}. */
export interface SvdOptions {
  /** Complete U to `[..., m, m]` and Vᵀ to `[..., n, n]`. Default false. */
  readonly fullMatrices?: boolean
}

/** A = U diag(s) Vᵀ, with k the smaller of m and n. */
export interface Svd {
  /** Orthonormal columns, `[..., m, k]`. */
  readonly u: Tensor
  /** Descending, from 0 up, `[..., k]`. */
  readonly s: Tensor
  /** Orthonormal rows, `[..., k, n]`. */
  readonly vT: Tensor
}

/**
 * The singular value decomposition of matrices `[..., m, n]`, by one-sided Jacobi rotations, which find small singular values
 * as accurately as large ones.
 *
 * `ds = diag(Uᵀ dA V)`, and the vectors turn by Uᵀ dA V divided by sums and differences of singular values. Where singular
 * values are equal, to the rounding of the dtype, or 0, the vectors have no derivative: the gradient throws and names the
 * gap, unless it does not need them; in forward mode their tangents are NaN there. First derivatives of the values always
 * exist.
 *
 * @example
 * ```ts
 * import { svd, tensor } from '@adjoint/core'
 * svd(tensor([[3, 0], [4, 5]])).s.toArray() // => [6.7082, 2.23607]
 * ```
 * @throws ArgumentError when the gradient through the vectors is asked for where singular values are equal or 0; ShapeError for
 * tensors of rank 0 or 1.
 */
export function svd(a: Tensor, options: SvdOptions = {}): Svd {
  expectOptions('svd', options, ['fullMatrices'])
  const [m, n] = expectMatrices('svd', a).shape.slice(-2) as [number, number]
  const { u, v, s } = svdParts(svdFactors(a), m, n)
  const isFull = options.fullMatrices ?? false
  return {
    u: isFull ? completeBasis(u) : u,
    s,
    vT: swapLastAxes(isFull ? completeBasis(v) : v),
  }
}
