import { expectOptions } from '../shape/arguments.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type ScaledSumOptions, scaledSum } from './addmm.ts'

/**
 * A tensor plus a batch of products of matrices, beta · c + alpha · x y: `[b, m, k] × [b, k, n] -> [b, m, n]`; the summand
 * broadcasts.
 *
 * @example
 * ```ts
 * import { baddbmm, ones } from '@adjoint/core'
 * baddbmm(ones([2, 1, 1]), ones([2, 1, 3]), ones([2, 3, 1]), { alpha: 2 }).toArray() // => [[[7]], [[7]]]
 * ```
 * @throws ShapeError when an operand is no batch of matrices, or the shapes do not fit.
 */
export function baddbmm(c: Tensor, x: Tensor, y: Tensor, options: ScaledSumOptions = {}): Tensor {
  expectOptions('baddbmm', options, ['beta', 'alpha'])
  return scaledSum('baddbmm', 3, c, x, y, options)
}
