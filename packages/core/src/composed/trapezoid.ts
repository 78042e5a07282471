import { add } from '../ops/add.ts'
import { mul } from '../ops/mul.ts'
import { reshape } from '../ops/reshape.ts'
import { sum } from '../ops/sum.ts'
import { expectOptions } from '../shape/arguments.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { diff } from './diff.ts'
import { sliceAlong } from './sliceAlong.ts'

/** Settings of {@link trapezoid}. */
export interface TrapezoidOptions {
  /** Where the values were taken: one number for each along the axis, or a tensor that broadcasts with them. */
  readonly x?: Tensor
  /** The distance between neighbours, where there is no `x`. Default 1. */
  readonly spacing?: number
}

/**
 * The integral of sampled values along an axis by the trapezoidal rule: Σ (y[i] + y[i + 1]) / 2 · (x[i + 1] - x[i]). Has
 * gradients for the values and for the places. 0 for fewer than two values.
 *
 * @example
 * ```ts
 * import { tensor, trapezoid } from '@adjoint/core'
 * trapezoid(tensor([1, 2, 3])).item() // => 4
 * trapezoid(tensor([1, 2, 3]), -1, { x: tensor([0, 1, 3]) }).item() // => 6.5
 * ```
 * @throws ShapeError when the places do not fit the values.
 * @throws AxisError for an axis outside of the rank.
 */
export function trapezoid(y: Tensor, axis = -1, options: TrapezoidOptions = {}): Tensor {
  expectOptions('trapezoid', options, ['x', 'spacing'])
  const { x, spacing = 1 } = options
  const along = normalizeAxis('trapezoid', axis, expectTensor('trapezoid', y).rank)
  const size = Math.max(0, y.shape[along]! - 1)
  const heights = mul(
    add(sliceAlong(y, along, 0, size), sliceAlong(y, along, y.shape[along]! - size, size)),
    0.5,
  )
  const widths = x === undefined ? expectNumber('trapezoid', 'spacing', spacing) : widthsOf(x, y, along)
  return sum(mul(heights, widths), along)
}

/** The distances of neighbouring places, in a shape that broadcasts with the heights. */
function widthsOf(x: Tensor, y: Tensor, along: number): Tensor {
  const length = y.shape[along]!
  const isLine = expectTensor('trapezoid', x).rank === 1
  const onAxis = isLine ? 0 : along - y.rank
  if (x.rank > y.rank || x.rank < (isLine ? 1 : y.rank - along) || x.shape.at(onAxis) !== length) {
    throw new ShapeError(
      'trapezoid',
      `the places x ${formatShape(x.shape)} do not fit the values ${formatShape(y.shape)} along axis ${along}; give one line of ${length} places, or one for each value.`,
      [y.shape, x.shape],
    )
  }
  const widths = diff(x, onAxis)
  if (!isLine) return widths
  const shape = new Array<number>(y.rank - along).fill(1)
  shape[0] = widths.size
  return reshape(widths, shape)
}
