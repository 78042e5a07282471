import { where } from '../ops/where.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectMask } from './nonzero.ts'

/**
 * A copy of `x` with one value, a number or a 0-d tensor, wherever the mask is true; these elements get gradient 0. The
 * mask is bool and broadcasts against `x`.
 *
 * @example
 * ```ts
 * import { maskedFill, tensor } from '@adjoint/core'
 * maskedFill(tensor([[1, 2], [3, 4]]), tensor([true, false]), 0).toArray() // => [[0, 2], [0, 4]]
 * ```
 * @throws ShapeError for shapes that do not broadcast; DTypeError for a mask that is not bool.
 */
export function maskedFill<S extends Shape>(x: Tensor<S>, mask: Tensor, value: Tensor | number): Tensor<S> {
  const { shape } = expectTensor('maskedFill', x as Tensor)
  if (typeof value !== 'number' && expectTensor('maskedFill', value).rank !== 0) {
    throw new ShapeError(
      'maskedFill',
      `takes a number or a 0-d tensor, got ${formatShape(value.shape)}; where takes a value for each element.`,
      [value.shape],
    )
  }
  broadcastShapes('maskedFill', shape, expectMask('maskedFill', mask).shape)
  return where(mask, value, x as Tensor) as unknown as Tensor<S>
}
