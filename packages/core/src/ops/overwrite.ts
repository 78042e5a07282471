import { writeBlocks } from '../backend/blocks.ts'
import { apply } from '../graph/apply.ts'
import {
  blocksOf,
  expectPositions,
  listPositions,
  type PositionAttributes,
  pickedShape,
  samplePositions,
  shiftPositions,
} from '../primitive/positions.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { promote } from '../storage/dtype.ts'
import { scalar } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, copyElements, type Tensor } from '../tensor/tensor.ts'
import { expand } from './expand.ts'
import { pick } from './pick.ts'
import { winners } from './winners.ts'

const result: ShapeRule = ([x, positions, source], attributes) => {
  const where = attributes as PositionAttributes
  const { shape } = x!
  const expected = pickedShape(shape, positions!.shape, where)
  if (!sameShape(source!.shape, expected)) {
    throw new ShapeError(
      'overwrite',
      `the positions ${formatShape(positions!.shape)} of ${formatShape(shape)} take elements of shape ${formatShape(expected)}, got ${formatShape(source!.shape)}.`,
      [shape, positions!.shape, source!.shape],
    )
  }
  expectPositions('overwrite', positions!, shape, where)
  return { shape, dtype: promote(x!.dtype, source!.dtype) }
}

const primitive: LinearPrimitive = {
  name: 'overwrite',
  kind: 'linear',
  keeps: 'inputs',
  // What was overwritten gets exactly 0, by x as by a source that another one followed.
  transposeFor: index => {
    if (index === 1) return null
    return (cotangent, { inputs: [, positions, source], attributes }) => {
      const { axis, batchAxes } = attributes as PositionAttributes
      if (index === 2) return pick(cotangent, winners(positions!, 'last', batchAxes), axis, batchAxes)
      const zeros = expand(scalar(0, cotangent.dtype), source!.shape as readonly number[])
      return overwrite(cotangent, positions!, zeros, axis, batchAxes)
    }
  },
  batch: shiftPositions,
  sample: draw => {
    const { shape, positions, attributes } = samplePositions(draw)
    return {
      inputs: [
        { shape },
        { shape: positions, dtype: 'int32', below: shape[attributes.axis]! },
        { shape: pickedShape(shape, positions, attributes) },
      ],
      attributes,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, positions, source] = inputs
    const where = attributes as PositionAttributes
    const output = allocateResult(result(inputs, attributes))
    const { shape } = output
    const listed = listPositions('overwrite', positions!, shape, where)
    const values = compact(source!)
    copyElements(x!, output.storage, output.offset)
    writeBlocks(
      blocksOf(shape, positions!.shape, where),
      values.storage,
      values.offset,
      listed.storage,
      listed.offset,
      shape[where.axis]!,
      output.storage,
      output.offset,
    )
    return output
  },
}

/**
 * A copy of `x` with elements replaced at positions along one axis; shapes as for `pick`. Where several are written to
 * one place the last one in row-major order stays, and the others get gradient 0. Position -1 is nowhere.
 *
 * @throws ArgumentError for a position outside of the axis; ShapeError for elements that do not stand at the positions.
 */
export const overwrite: Op<
  (x: Tensor, positions: Tensor, source: Tensor, axis?: number, batchAxes?: number) => Tensor
> = /* @__PURE__ */ op(primitive, (x: Tensor, positions: Tensor, source: Tensor, axis = 0, batchAxes = 0) =>
  apply(primitive, [x, positions, source], { axis, batchAxes }),
)
