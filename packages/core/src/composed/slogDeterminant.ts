import { determinantSign } from '../ops/determinantSign.ts'
import { logAbsDeterminant } from '../ops/logAbsDeterminant.ts'
import { expectSquare } from '../primitive/matrices.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** det A = sign · exp(logAbsDeterminant). */
export interface SlogDeterminant {
  /** -1, 0 or 1, without gradient. */
  readonly sign: Tensor
  /** -Infinity where the sign is 0. */
  readonly logAbsDeterminant: Tensor
}

/**
 * Sign and logarithm of the size of the determinant, `[..., n, n] -> [...]` twice: they exist where the determinant itself is
 * too large or too small for a number. Of a singular matrix they are 0 and -Infinity, and the gradient throws.
 *
 * @example
 * ```ts
 * import { slogDeterminant, tensor } from '@adjoint/core'
 * const { sign, logAbsDeterminant } = slogDeterminant(tensor([[0, 2], [1, 0]]))
 * sign.item() // => -1
 * logAbsDeterminant.item() // => 0.693147
 * ```
 * @throws ArgumentError when the gradient is asked for at a singular matrix, naming the pivot.
 */
export function slogDeterminant(a: Tensor): SlogDeterminant {
  expectSquare('slogDeterminant', a)
  return { sign: determinantSign(a), logAbsDeterminant: logAbsDeterminant(a) }
}
