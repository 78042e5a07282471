import { swapLastAxes } from '../ops/permute.ts'
import { expectMatrices } from '../primitive/matrices.ts'
import type { Shape, Transposed } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The transposes of the matrices in the last two axes, `[..., m, n] -> [..., n, m]`, as a view: the array API's name for
 * `transpose`.
 *
 * @example
 * ```ts
 * import { matrixTranspose, zeros } from '@adjoint/core'
 * matrixTranspose(zeros([5, 2, 3])).shape // => [5, 3, 2]
 * ```
 * @throws ShapeError for tensors of rank 0 or 1.
 */
export function matrixTranspose<S extends Shape>(x: Tensor<S>): Tensor<Transposed<S>> {
  return swapLastAxes(expectMatrices('matrixTranspose', x)) as unknown as Tensor<Transposed<S>>
}
