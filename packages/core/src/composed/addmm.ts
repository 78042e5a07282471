import { add } from '../ops/add.ts'
import { matmul } from '../ops/matmul.ts'
import { mul } from '../ops/mul.ts'
import { expectOptions } from '../shape/arguments.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link addmm} and `baddbmm`. */
export interface ScaledSumOptions {
  /** Factor of the summand. With 0 it is not read. Default 1. */
  readonly beta?: number
  /** Factor of the product. Default 1. */
  readonly alpha?: number
}

/**
 * A tensor plus a product of matrices, beta · c + alpha · x y: `[m, k] × [k, n] -> [m, n]`; the summand broadcasts.
 *
 * @example
 * ```ts
 * import { addmm, eye, tensor } from '@adjoint/core'
 * addmm(tensor([10, 20]), eye(2), tensor([[1, 2], [3, 4]])).toArray() // => [[11, 22], [13, 24]]
 * ```
 * @throws ShapeError when an operand is no matrix, or the shapes do not fit.
 */
export function addmm(c: Tensor, x: Tensor, y: Tensor, options: ScaledSumOptions = {}): Tensor {
  expectOptions('addmm', options, ['beta', 'alpha'])
  return scaledSum('addmm', 2, c, x, y, options)
}

/** What `addmm` and `baddbmm` share. */
export function scaledSum(
  name: string,
  rank: number,
  c: Tensor,
  x: Tensor,
  y: Tensor,
  { beta = 1, alpha = 1 }: ScaledSumOptions,
): Tensor {
  if (expectTensor(name, x).rank !== rank || expectTensor(name, y).rank !== rank) {
    throw new ShapeError(
      name,
      `multiplies tensors of rank ${rank}, got ${formatShape(x.shape)} and ${formatShape(y.shape)}; matmul takes any rank.`,
      [x.shape, y.shape],
    )
  }
  if (x.shape[rank - 1] !== y.shape[rank - 2]) {
    throw new ShapeError(
      name,
      `inner sizes differ, ${formatShape(x.shape)} × ${formatShape(y.shape)} (${x.shape[rank - 1]} ≠ ${y.shape[rank - 2]}).`,
      [x.shape, y.shape],
    )
  }
  const product = matmul(x, y)
  const scaled = expectNumber(name, 'alpha', alpha) === 1 ? product : mul(product, alpha)
  if (expectNumber(name, 'beta', beta) === 0) return scaled
  return add(beta === 1 ? expectTensor(name, c) : mul(expectTensor(name, c), beta), scaled)
}
