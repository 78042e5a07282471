import { addBlocks } from '../backend/blocks.ts'
import { apply } from '../graph/apply.ts'
import { resultDType } from '../primitive/elementwise.ts'
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
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, type Tensor } from '../tensor/tensor.ts'
import { pick } from './pick.ts'

/** Besides the positions, the size of the axis that they count along. */
interface AccumulateAttributes extends PositionAttributes {
  readonly size: number
}

const result: ShapeRule = ([source, positions], attributes) => {
  const where = attributes as AccumulateAttributes
  const shape = expectPicked('accumulate', source!.shape, positions!.shape, where)
  expectPositions('accumulate', positions!, shape, where)
  return { shape, dtype: resultDType('number', source!.dtype) }
}

const primitive: LinearPrimitive = {
  name: 'accumulate',
  kind: 'linear',
  keeps: 'inputs',
  transposeFor: index =>
    index === 0
      ? (cotangent, { inputs, attributes }) => {
          const { axis, batchAxes } = attributes as AccumulateAttributes
          return pick(cotangent, inputs[1]!, axis, batchAxes)
        }
      : null,
  batch: shiftPositions,
  sample: draw => {
    const { shape, positions, attributes } = samplePositions(draw)
    const size = shape[attributes.axis]!
    return {
      inputs: [
        { shape: pickedShape(shape, positions, attributes) },
        { shape: positions, dtype: 'int32', below: size },
      ],
      attributes: { ...attributes, size },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [source, positions] = inputs
    const where = attributes as AccumulateAttributes
    const output = allocateResult(result(inputs, attributes))
    const { shape } = output
    const listed = listPositions('accumulate', positions!, shape, where)
    const values = compact(source!)
    addBlocks(
      blocksOf(shape, positions!.shape, where),
      values.storage,
      values.offset,
      listed.storage,
      listed.offset,
      where.size,
      output.storage,
      output.offset,
    )
    return output
  },
}

/** The shape that elements of the given shape are sent to; refuses elements that do not stand at the positions. */
function expectPicked(
  name: string,
  source: readonly number[],
  positions: readonly number[],
  where: AccumulateAttributes,
): number[] {
  const { axis, batchAxes, size } = where
  const shape = [...source.slice(0, axis), size, ...source.slice(axis + positions.length - batchAxes)]
  if (sameShape(pickedShape(shape, positions, where), source)) return shape
  throw new ShapeError(
    name,
    `the elements ${formatShape(source)} do not have the axes of the positions ${formatShape(positions)} at axis ${axis}.`,
    [source, positions],
  )
}

/**
 * Zeros with elements added at positions along one axis: the transpose of `pick`. Elements `[...a, ...i, ...c]` and
 * positions `[...i]` give `[...a, size, ...c]`. Several elements may go to one place; they are added in row-major order,
 * so the result is the same on every run. Position -1 is nowhere, and what goes there is dropped.
 *
 * @throws ArgumentError for a position outside of the axis; ShapeError for elements that do not have the axes of the positions.
 */
export const accumulate: Op<
  (source: Tensor, positions: Tensor, size: number, axis?: number, batchAxes?: number) => Tensor
> = /* @__PURE__ */ op(
  primitive,
  (source: Tensor, positions: Tensor, size: number, axis = 0, batchAxes = 0) =>
    apply(primitive, [source, positions], { axis, batchAxes, size }),
)
