import { matmul } from '../ops/matmul.ts'
import { permute } from '../ops/permute.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis, sizeOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** How many of the last and first axes to sum over, or which axes of the left and of the right operand. */
export type ContractedAxes = number | readonly [left: readonly number[], right: readonly number[]]

/**
 * The sum of products over pairs of axes; the other axes of the left operand come first in the result. With a number n the
 * last n axes of the left operand meet the first n of the right one.
 *
 * @example
 * ```ts
 * import { arange, tensordot } from '@adjoint/core'
 * const x = arange(6).reshape([2, 3])
 * tensordot(x, x, [[0, 1], [0, 1]]).item() // => 55
 * tensordot(x, x, [[1], [1]]).toArray() // => [[5, 14], [14, 50]]
 * ```
 * @throws ShapeError when the sizes of a pair differ; ArgumentError when the lists do not pair up.
 */
export function tensordot(x: Tensor, y: Tensor, axes: ContractedAxes = 2): Tensor {
  expectTensor('tensordot', x)
  expectTensor('tensordot', y)
  const [left, right] = pairsOf(x, y, axes)
  for (const [i, axis] of left.entries()) {
    const other = right[i]!
    if (x.shape[axis] === y.shape[other]) continue
    throw new ShapeError(
      'tensordot',
      `axis ${axis} of ${formatShape(x.shape)} and axis ${other} of ${formatShape(y.shape)} are to be summed over together, ` +
        `but have ${x.shape[axis]} and ${y.shape[other]} elements.`,
      [x.shape, y.shape],
    )
  }
  const rows = x.shape.map((_, axis) => axis).filter(axis => !left.includes(axis))
  const columns = y.shape.map((_, axis) => axis).filter(axis => !right.includes(axis))
  const rowSizes = rows.map(axis => x.shape[axis]!)
  const columnSizes = columns.map(axis => y.shape[axis]!)
  const inner = sizeOf(left.map(axis => x.shape[axis]!))
  const product = matmul(
    reshape(permute(x, [...rows, ...left]), [sizeOf(rowSizes), inner]) as Tensor,
    reshape(permute(y, [...right, ...columns]), [inner, sizeOf(columnSizes)]) as Tensor,
  )
  return reshape(product, [...rowSizes, ...columnSizes])
}

/** The axes to sum over, as checked lists of equal length. */
function pairsOf(
  x: Tensor,
  y: Tensor,
  axes: ContractedAxes,
): readonly [readonly number[], readonly number[]] {
  if (typeof axes === 'number') {
    if (!Number.isInteger(axes) || axes < 0 || axes > Math.min(x.rank, y.rank)) {
      throw new ArgumentError(
        'tensordot',
        `cannot sum over ${axes} axes of ${formatShape(x.shape)} and ${formatShape(y.shape)}.`,
      )
    }
    const count = Array.from({ length: axes }, (_, i) => i)
    return [count.map(i => x.rank - axes + i), count]
  }
  const isPair = Array.isArray(axes) && axes.length === 2 && axes.every(Array.isArray)
  const left = isPair ? axes[0].map(axis => normalizeAxis('tensordot', axis, x.rank)) : []
  const right = isPair ? axes[1].map(axis => normalizeAxis('tensordot', axis, y.rank)) : []
  const isDistinct = new Set(left).size === left.length && new Set(right).size === right.length
  if (!isPair || left.length !== right.length || !isDistinct) {
    throw new ArgumentError(
      'tensordot',
      `axes are a number, or two lists of equal length that name an axis once each, such as [[0, 1], [1, 0]]; got ${JSON.stringify(axes)}.`,
    )
  }
  return [left, right]
}
