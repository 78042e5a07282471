import { mul } from '../ops/mul.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { tensordot } from './tensordot.ts'

/**
 * The sum of products over the last axes, `[...s, k] × [...t, k] -> [...s, ...t]`; with a 0-d operand the plain product.
 *
 * @example
 * ```ts
 * import { inner, tensor } from '@adjoint/core'
 * inner(tensor([[1, 2], [3, 4]]), tensor([10, 1])).toArray() // => [12, 34]
 * ```
 * @throws ShapeError when the last sizes differ.
 */
export function inner(x: Tensor, y: Tensor): Tensor {
  if (expectTensor('inner', x).rank === 0 || expectTensor('inner', y).rank === 0) return mul(x, y)
  if (x.shape.at(-1) !== y.shape.at(-1)) {
    throw new ShapeError(
      'inner',
      `the last axes of ${formatShape(x.shape)} and ${formatShape(y.shape)} must be equally long.`,
      [x.shape, y.shape],
    )
  }
  return tensordot(x, y, [[-1], [-1]])
}
