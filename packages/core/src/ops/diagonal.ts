import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { Draw } from '../primitive/sample.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, AxisError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes } from '../tensor/node.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'
import { placeDiagonal } from './placeDiagonal.ts'

/** Which diagonal, of which matrices. */
export interface DiagonalOptions {
  /** How far above the main diagonal; negative for below. Default 0. */
  readonly offset?: number
  /** The axes of the rows and of the columns. Default the last two, `[-2, -1]`. */
  readonly axes?: readonly [row: number, column: number]
}

/** The same, checked. */
export interface DiagonalAttributes extends Attributes {
  readonly offset: number
  readonly axes: readonly [number, number]
}

/** All entries, one for each axis, but those of the two axes. */
function othersThan([row, column]: readonly [number, number], entries: readonly number[]): number[] {
  return entries.filter((_, axis) => axis !== row && axis !== column)
}

/** The other axes, and the diagonal as the last one. */
function diagonalShape(from: readonly number[], attributes: Attributes): readonly number[] {
  const { offset, axes } = attributes as DiagonalAttributes
  return [...othersThan(axes, from), diagonalLength(from[axes[0]]!, from[axes[1]]!, offset)]
}

const primitive = /* @__PURE__ */ movement({
  name: 'diagonal',
  shape: diagonalShape,
  move: (x, attributes) => {
    const { offset, axes } = attributes as DiagonalAttributes
    const [row, column] = axes
    const shape = diagonalShape(x.shape, attributes)
    const start = offset < 0 ? -offset * x.strides[row]! : offset * x.strides[column]!
    return viewOf(
      x,
      shape,
      [...othersThan(axes, x.strides), x.strides[row]! + x.strides[column]!],
      x.offset + (shape.at(-1) === 0 ? 0 : start),
    )
  },
  transpose: (cotangent, { inputs, attributes }) => {
    const { offset, axes } = attributes as DiagonalAttributes
    const shape = inputs[0]!.shape as readonly number[]
    return placeDiagonal(cotangent, { offset, axes, sizes: [shape[axes[0]]!, shape[axes[1]]!] })
  },
  batch: shiftDiagonal,
  sample: draw => {
    const shape = draw.shape(2, 4)
    return { inputs: [{ shape }], attributes: sampleDiagonal(shape, draw) }
  },
})

/** `[..., m, n] -> [..., length of the diagonal]` */
export type DiagonalOp = (x: Tensor, options?: DiagonalOptions) => Tensor

/**
 * A diagonal of matrices, `[..., m, n] -> [..., k]`, as a view. `offset` says how far above the main one; with other `axes`
 * the two are gone and the diagonal is the last axis. A diagonal outside of the matrix has no elements.
 *
 * @example
 * ```ts
 * import { arange, diagonal } from '@adjoint/core'
 * const x = arange(6).reshape([2, 3])
 * diagonal(x).toArray() // => [0, 4]
 * diagonal(x, { offset: 1 }).toArray() // => [1, 5]
 * ```
 * @throws AxisError when the two axes do not exist or are one; ArgumentError when the offset is not whole.
 */
export const diagonal: Op<DiagonalOp> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, options: DiagonalOptions = {}) => {
    expectOptions('diagonal', options, ['offset', 'axes'])
    return apply(primitive, [x], diagonalAttributes('diagonal', expectTensor('diagonal', x).rank, options))
  },
)

/** Checked options for matrices in a tensor of the given rank. */
export function diagonalAttributes(name: string, rank: number, options: DiagonalOptions): DiagonalAttributes {
  const { offset = 0, axes = [-2, -1] } = options
  if (!Number.isInteger(offset)) {
    throw new ArgumentError(name, `the offset must be a whole number, got ${String(offset)}.`)
  }
  if (!Array.isArray(axes) || axes.length !== 2) {
    throw new ArgumentError(name, `axes are a pair such as [-2, -1], got ${JSON.stringify(axes)}.`)
  }
  if (rank < 2) {
    throw new AxisError(name, axes[0], rank, `needs matrices, so at least two axes; got rank ${rank}.`)
  }
  const [row, column] = [normalizeAxis(name, axes[0], rank), normalizeAxis(name, axes[1], rank)]
  if (row === column) {
    throw new AxisError(name, row, rank, `rows and columns must be two axes, got [${axes.join(', ')}].`)
  }
  return { offset, axes: [row, column] }
}

/** The batch rule of whatever has such attributes: the same axes, one further. */
export function shiftDiagonal(attributes: Attributes): Attributes {
  const { axes } = attributes as DiagonalAttributes
  return { ...attributes, axes: [axes[0] + 1, axes[1] + 1] }
}

/** Number of elements of a diagonal. */
export function diagonalLength(rows: number, columns: number, offset: number): number {
  return Math.max(0, offset < 0 ? Math.min(rows + offset, columns) : Math.min(rows, columns - offset))
}

/** Some diagonal of a shape of at least two axes, for the laws. */
export function sampleDiagonal(shape: readonly number[], draw: Draw): DiagonalAttributes {
  const row = draw.integer(0, shape.length - 1)
  const column = (row + draw.integer(1, shape.length - 1)) % shape.length
  return { offset: draw.integer(-2, 2), axes: [row, column] }
}
