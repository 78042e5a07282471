import { eighFactors, eighParts } from '../ops/eighFactors.ts'
import { expectSquare } from '../primitive/matrices.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A = V diag(values) Vᵀ. */
export interface Eigh {
  /** Ascending, `[..., n]`. */
  readonly values: Tensor
  /** Orthonormal columns, `[..., n, n]`. */
  readonly vectors: Tensor
}

/**
 * Eigenvalues and eigenvectors of symmetric matrices, `[..., n, n]`. What is decomposed is (A + Aᵀ)/2, so that values, their
 * gradients and difference quotients agree for every matrix. Of the two unit vectors of a simple value the one is taken whose
 * first component that is not much smaller than the largest is positive.
 *
 * `dw = diag(Vᵀ dA V)`, and the vectors turn by Vᵀ dA V divided by the gaps between values. Where values are equal, to the
 * rounding of the dtype, their vectors have no derivative: the gradient throws and names the gap, unless it does not need them;
 * in forward mode the tangents of the vectors are NaN there. First derivatives of the values always exist.
 *
 * @example
 * ```ts
 * import { eigh, tensor } from '@adjoint/core'
 * eigh(tensor([[2, 1], [1, 2]])).values.toArray() // => [1, 3]
 * ```
 * @throws ArgumentError when the gradient through the vectors is asked for where values are equal; ShapeError when the
 * matrices are not square.
 */
export function eigh(a: Tensor): Eigh {
  const { values, vectors } = eighParts(eighFactors(expectSquare('eigh', a)))
  return { values, vectors }
}
