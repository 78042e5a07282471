import { expand } from '../ops/expand.ts'
import { overwrite } from '../ops/overwrite.ts'
import { reshape } from '../ops/reshape.ts'
import { tryBroadcast } from '../shape/broadcast.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectMask, nonzeroPositions } from './nonzero.ts'
import { slice } from './slice.ts'

/**
 * A copy of `x` in which the elements where the mask is true are replaced, in row-major order, by the first, second, ...
 * element of the source. The mask is bool and broadcasts to the shape of `x`; the source may have any shape, and more
 * elements than are needed. What was replaced, and what was not needed, gets gradient 0.
 *
 * @example
 * ```ts
 * import { maskedScatter, tensor } from '@adjoint/core'
 * const mask = tensor([true, false, true])
 * maskedScatter(tensor([1, 2, 3]), mask, tensor([10, 20])).toArray() // => [10, 2, 20]
 * ```
 * @throws ArgumentError for a source with too few elements; ShapeError for a mask that does not broadcast to `x`;
 * DTypeError for a mask that is not bool.
 */
export function maskedScatter<S extends Shape>(x: Tensor<S>, mask: Tensor, source: Tensor): Tensor<S> {
  const shape = expectTensor('maskedScatter', x as Tensor).shape
  expectMask('maskedScatter', mask)
  const common = tryBroadcast(mask.shape, shape)
  if (common === undefined || !sameShape(common, shape)) {
    throw new ShapeError(
      'maskedScatter',
      `the mask ${formatShape(mask.shape)} does not broadcast to ${formatShape(shape)}.`,
      [shape, mask.shape],
    )
  }
  const positions = nonzeroPositions(expand(mask, shape))
  const { size } = expectTensor('maskedScatter', source)
  if (size < positions.size) {
    throw new ArgumentError(
      'maskedScatter',
      `the mask is true ${positions.size} times, the source ${formatShape(source.shape)} has ${size} elements only.`,
    )
  }
  const values = slice(reshape(source, [size]), [0, positions.size])
  return reshape(overwrite(reshape(x, [x.size]), positions, values), shape) as unknown as Tensor<S>
}
