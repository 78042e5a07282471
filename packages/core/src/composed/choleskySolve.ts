import { triangularSolve } from '../ops/triangularSolve.ts'
import { expectRows, expectSquare } from '../primitive/matrices.ts'
import { expectOptions } from '../shape/arguments.ts'
import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link choleskySolve}. */
export interface CholeskySolveOptions {
  /** The factor is the upper one, U with Uᵀ U = A. Default false: L with L Lᵀ = A. */
  readonly upper?: boolean
}

/**
 * The X with A X = B from the Cholesky factor of A: two triangular systems. `[..., n, n] × [..., n, k] -> [..., n, k]`, or a
 * vector `[n]` on the right. Only the triangle of the factor is read.
 *
 * @example
 * ```ts
 * import { cholesky, choleskySolve, tensor } from '@adjoint/core'
 * const factor = cholesky(tensor([[4, 2], [2, 10]]))
 * choleskySolve(factor, tensor([8, 22])).toArray() // => [1, 2]
 * ```
 * @throws ArgumentError when a number of the diagonal is 0; ShapeError when the shapes do not fit.
 */
export function choleskySolve<S extends Shape>(
  factor: Tensor,
  b: Tensor<S>,
  options: CholeskySolveOptions = {},
): Tensor<S> {
  expectOptions('choleskySolve', options, ['upper'])
  const { upper = false } = options
  expectSquare('choleskySolve', factor)
  expectRows('choleskySolve', factor, b as Tensor)
  const inner = triangularSolve(factor, b, { upper, transpose: upper })
  return triangularSolve(factor, inner, { upper, transpose: !upper })
}
