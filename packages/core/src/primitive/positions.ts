/**
 * What the primitives that read or write at listed positions share. A tensor of positions is int32 and non-negative; -1
 * is nowhere. Its first `batchAxes` axes go together with those of the tensor beside it; its other axes stand, on the side
 * of the picked elements, where the tensor has its one axis `axis`.
 */

import type { Blocks } from '../backend/blocks.ts'
import { ArgumentError, DTypeError, formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes } from '../tensor/node.ts'
import { compact, type Tensor } from '../tensor/tensor.ts'
import type { Draw } from './sample.ts'

/** Attributes of every primitive that works at positions. */
export interface PositionAttributes extends Attributes {
  /** The axis along which positions count; not below `batchAxes`. */
  readonly axis: number
  /** How many axes in front belong to tensor and positions alike. */
  readonly batchAxes: number
}

/** The batch rule of primitives with such attributes: one more axis in front of everything. */
export function shiftPositions(attributes: Attributes): Attributes {
  const { axis, batchAxes } = attributes as PositionAttributes
  return { ...attributes, axis: axis + 1, batchAxes: batchAxes + 1 }
}

/** The shape of what stands at the positions of a tensor of the given shape. */
export function pickedShape(
  shape: readonly number[],
  positions: readonly number[],
  { axis, batchAxes }: PositionAttributes,
): number[] {
  const picked: number[] = []
  for (let k = 0; k < axis; k++) picked.push(shape[k]!)
  for (let k = batchAxes; k < positions.length; k++) picked.push(positions[k]!)
  for (let k = axis + 1; k < shape.length; k++) picked.push(shape[k]!)
  return picked
}

/** The counts that the loops over blocks need. */
export function blocksOf(
  shape: readonly number[],
  positions: readonly number[],
  { axis, batchAxes }: PositionAttributes,
): Blocks {
  let [batch, outer, picks, inner] = [1, 1, 1, 1]
  for (let k = 0; k < batchAxes; k++) batch *= shape[k]!
  for (let k = batchAxes; k < axis; k++) outer *= shape[k]!
  for (let k = batchAxes; k < positions.length; k++) picks *= positions[k]!
  for (let k = axis + 1; k < shape.length; k++) inner *= shape[k]!
  return { batch, outer, picks, inner }
}

/** Checks dtype and shape of positions against the shape of the tensor whose elements they name. */
export function expectPositions(
  name: string,
  positions: Tensor,
  shape: readonly number[],
  { batchAxes }: PositionAttributes,
): void {
  expectIndexDType(name, positions)
  for (let k = 0; k < batchAxes; k++) {
    if (positions.shape[k] === shape[k]) continue
    throw new ShapeError(
      name,
      `positions of shape ${formatShape(positions.shape)} and the tensor ${formatShape(shape)} must agree in the first ${batchAxes} axes.`,
      [shape, positions.shape],
    )
  }
}

/** Checks that positions are inside of the axis that they count along, and returns them in row-major order. */
export function listPositions(
  name: string,
  positions: Tensor,
  shape: readonly number[],
  { axis }: PositionAttributes,
): Tensor {
  const listed = compact(positions)
  const length = shape[axis]!
  for (let i = listed.offset; i < listed.offset + listed.size; i++) {
    if (listed.storage[i]! >= length) {
      throw new ArgumentError(
        name,
        `position ${listed.storage[i]} is outside of axis ${axis} of ${formatShape(shape)}.`,
      )
    }
  }
  return listed
}

/** Checks that indices are whole numbers by dtype. */
export function expectIndexDType(name: string, indices: Tensor): Tensor {
  if (expectTensor(name, indices).dtype === 'int32') return indices
  throw new DTypeError(
    name,
    `indices must be int32, got ${indices.dtype}; make them with { dtype: 'int32' } or cast('int32').`,
    [indices.dtype],
  )
}

/** Shapes for the laws: a tensor with at least one element along an axis, and positions along that axis. */
export function samplePositions(draw: Draw): {
  readonly shape: number[]
  readonly positions: number[]
  readonly attributes: PositionAttributes
} {
  const shape = draw.shape(1, 3)
  const axis = draw.integer(0, shape.length - 1)
  const batchAxes = draw.integer(0, axis)
  shape[axis] = Math.max(1, shape[axis]!)
  return {
    shape,
    positions: [...shape.slice(0, batchAxes), ...draw.shape(0, 2)],
    attributes: { axis, batchAxes },
  }
}
