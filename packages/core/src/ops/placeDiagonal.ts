import { copyInto } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import {
  type DiagonalAttributes,
  diagonal,
  diagonalLength,
  sampleDiagonal,
  shiftDiagonal,
} from './diagonal.ts'

/** A diagonal of matrices of the given sizes, rows first. */
export interface DiagonalPlace extends DiagonalAttributes {
  readonly sizes: readonly [rows: number, columns: number]
}

const result: ShapeRule = ([x], attributes) => {
  const { axes, sizes } = attributes as DiagonalPlace
  const [row, column] = axes
  const shape = x!.shape.slice(0, -1)
  // The lower axis first: its place is counted without the other one.
  if (row < column) shape.splice(row, 0, sizes[0])
  shape.splice(column, 0, sizes[1])
  if (row > column) shape.splice(row, 0, sizes[0])
  return { shape, dtype: x!.dtype }
}

const primitive: LinearPrimitive = {
  name: 'placeDiagonal',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { attributes }) => {
      const { offset, axes } = attributes as DiagonalPlace
      return diagonal(cotangent, { offset, axes })
    },
  batch: shiftDiagonal,
  sample: draw => {
    const shape = draw.shape(2, 4)
    const { offset, axes } = sampleDiagonal(shape, draw)
    const [rows, columns] = [shape[axes[0]]!, shape[axes[1]]!]
    const others = shape.filter((_, k) => !axes.includes(k))
    return {
      inputs: [{ shape: [...others, diagonalLength(rows, columns, offset)] }],
      attributes: { offset, axes, sizes: [rows, columns] },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const output = allocateResult(result(inputs, attributes))
    copyInto(inputs[0]!, diagonal.primitive.forward([output], attributes))
    return output
  },
}

/**
 * Zeros with the last axis of `x` written along a diagonal of two new axes: the transpose of taking that diagonal.
 * `diagonalEmbed` in `composed/` is the comfortable form.
 */
export const placeDiagonal: Op<(x: Tensor, place: DiagonalPlace) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (x, { offset, axes, sizes }) => apply(primitive, [x], { offset, axes, sizes }),
)
