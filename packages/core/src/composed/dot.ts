import { matmul } from '../ops/matmul.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The product of two vectors, `[n] × [n] -> []`: Σ x y. For matrices use `matmul`, for more axes `inner` or `tensordot`.
 *
 * @example
 * ```ts
 * import { dot, tensor } from '@adjoint/core'
 * dot(tensor([1, 2, 3]), tensor([4, 5, 6])).item() // => 32
 * ```
 * @throws ShapeError when an operand is no vector, or the lengths differ.
 */
export function dot(x: Tensor, y: Tensor): Tensor<[]> {
  const ranks = [x, y].map(operand => expectTensor('dot', operand).rank)
  if (ranks.some(rank => rank !== 1) || x.size !== y.size) {
    throw new ShapeError(
      'dot',
      `takes two vectors of equal length, got ${formatShape(x.shape)} and ${formatShape(y.shape)}; ` +
        'matmul, inner and tensordot take more axes.',
      [x.shape, y.shape],
    )
  }
  return matmul(x, y) as Tensor<[]>
}
