import { concat } from '../ops/concat.ts'
import { mul } from '../ops/mul.ts'
import { sliceRanges } from '../ops/sliceRanges.ts'
import { sub } from '../ops/sub.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The cross product of vectors of three components along an axis (the last one by default); the other axes broadcast.
 *
 * @example
 * ```ts
 * import { cross, tensor } from '@adjoint/core'
 * cross(tensor([1, 0, 0]), tensor([0, 1, 0])).toArray() // => [0, 0, 1]
 * ```
 * @throws ShapeError when the axis has another size than 3; AxisError when it does not exist.
 */
export function cross(x: Tensor, y: Tensor, axis = -1): Tensor {
  // Counted from the end, the axis is the same one for operands of different rank.
  const rank = Math.max(expectTensor('cross', x).rank, expectTensor('cross', y).rank)
  const at = normalizeAxis('cross', axis, rank) - rank
  if (x.shape.at(at) !== 3 || y.shape.at(at) !== 3) {
    throw new ShapeError(
      'cross',
      `takes vectors of three components along axis ${axis}, got ${formatShape(x.shape)} and ${formatShape(y.shape)}.`,
      [x.shape, y.shape],
    )
  }
  const component = (t: Tensor, position: number): Tensor => {
    const isAxis = t.shape.map((_, k) => k === t.rank + at)
    return sliceRanges(t, {
      starts: isAxis.map(is => (is ? position : 0)),
      sizes: t.shape.map((size, k) => (isAxis[k] ? 1 : size)),
      steps: isAxis.map(() => 1),
    })
  }
  const [x0, x1, x2] = [component(x, 0), component(x, 1), component(x, 2)]
  const [y0, y1, y2] = [component(y, 0), component(y, 1), component(y, 2)]
  const parts = [sub(mul(x1, y2), mul(x2, y1)), sub(mul(x2, y0), mul(x0, y2)), sub(mul(x0, y1), mul(x1, y0))]
  return concat(parts, at)
}
