import { add } from '../ops/add.ts'
import { less } from '../ops/less.ts'
import { where } from '../ops/where.ts'
import { expectSquare } from '../primitive/matrices.ts'
import { scalar } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { slogDeterminant } from './slogDeterminant.ts'

/**
 * The logarithm of the determinant, `[..., n, n] -> [...]`: NaN where the determinant is negative, -Infinity where it is 0.
 * `d ln det A = tr(A⁻¹ dA)`, which a negative determinant has too.
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
  const { dtype } = logAbsDeterminant
  // Added, so that the derivative is there beside the NaN: a choice would send none to A.
  return add(logAbsDeterminant, where(less(sign, 0), scalar(Number.NaN, dtype), scalar(0, dtype)))
}
