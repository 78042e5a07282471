import { expand } from '../ops/expand.ts'
import { pick } from '../ops/pick.ts'
import { reshape } from '../ops/reshape.ts'
import { expectIndexDType } from '../primitive/positions.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { positionsAlong, scatterAxis } from './scatterPositions.ts'

/**
 * One element of `x` for every index along an axis: `out[i][j] = x[indices[i][j]][j]` for axis 0. The indices have the
 * rank of `x`, and the other axes broadcast; what `argmax` and `argsort` return fits. Negative indices count from the
 * end. An element that is taken several times gets the sum of the cotangents.
 *
 * @example
 * ```ts
 * import { takeAlongAxis, tensor } from '@adjoint/core'
 * const x = tensor([[10, 30, 20], [60, 40, 50]])
 * takeAlongAxis(x, x.argmax(1, { keepDims: true }), 1).toArray() // => [[30], [60]]
 * ```
 * @throws ArgumentError for an index out of range; ShapeError for other ranks or sizes; DTypeError when not int32.
 */
export function takeAlongAxis(x: Tensor, indices: Tensor, axis = -1): Tensor {
  const at = scatterAxis('takeAlongAxis', x, axis)
  expectIndexDType('takeAlongAxis', indices)
  const { shape } = x
  if (indices.rank !== shape.length) {
    throw new ShapeError(
      'takeAlongAxis',
      `indices of shape ${formatShape(indices.shape)} need the rank of ${formatShape(shape)}; give them axes of size 1 where they repeat.`,
      [shape, indices.shape],
    )
  }
  const others = indices.shape.map((size, k) => (k === at ? 1 : size))
  const common = broadcastShapes(
    'takeAlongAxis',
    shape.map((size, k) => (k === at ? 1 : size)),
    others,
  )
  const full = common.map((size, k) => (k === at ? indices.shape[k]! : size))
  const positions = positionsAlong('takeAlongAxis', shape, at, expand(indices, full))
  return pick(reshape(x, [x.size]), positions)
}
