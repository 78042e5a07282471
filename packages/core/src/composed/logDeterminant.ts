import { less } from '../ops/less.ts'
import { where } from '../ops/where.ts'
import { expectSquare } from '../primitive/matrices.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { slogDeterminant } from './slogDeterminant.ts'

/**
 * The logarithm of the determinant, `[..., n, n] -> [...]`: NaN where the determinant is negative, -Infinity where it is 0.
 * `d ln det A = tr(A⁻¹ dA)`
 *
 * @example
 * ```ts
 * import { logDeterminant, tensor } from '@adjoint/core'
 * logDeterminant(tensor([[2, 0], [0, 4]])).item() // => 2.0794
 * ```
 * @throws ArgumentError when the gradient is asked for at a singular matrix.
 */
export function logDeterminant(a: Tensor): Tensor {
  expectSquare('logDeterminant', a)
  const { sign, logAbsDeterminant } = slogDeterminant(a)
  return where(less(sign, 0), Number.NaN, logAbsDeterminant)
}
