import { type Addresses, offsetsOf, readBlocks } from '../backend/blocks.ts'
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
import { isRowMajor } from '../shape/shape.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import { accumulate } from './accumulate.ts'

const result: ShapeRule = ([x, positions], attributes) => {
  const where = attributes as PositionAttributes
  expectPositions('pick', positions!, x!.shape, where)
  return { shape: pickedShape(x!.shape, positions!.shape, where), dtype: x!.dtype }
}

const primitive: LinearPrimitive = {
  name: 'pick',
  kind: 'linear',
  keeps: 'inputs',
  transposeFor: index =>
    index === 0
      ? (cotangent, { inputs: [x, positions], attributes }) => {
          const { axis, batchAxes } = attributes as PositionAttributes
          return accumulate(cotangent, positions!, x!.shape[axis]!, axis, batchAxes)
        }
      : null,
  batch: shiftPositions,
  sample: draw => {
    const { shape, positions, attributes } = samplePositions(draw)
    return {
      inputs: [{ shape }, { shape: positions, dtype: 'int32', below: shape[attributes.axis]! }],
      attributes,
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, positions] = inputs
    const output = allocateResult(result(inputs, attributes))
    const where = attributes as PositionAttributes
    const shape = x!.shape as readonly number[]
    const listed = listPositions('pick', positions!, shape, where)
    if (output.size === 0) return output
    const blocks = blocksOf(shape, positions!.shape, where)
    readBlocks(
      blocks,
      x!.storage,
      addressesOf(x!, where.axis, blocks.inner),
      listed.storage,
      listed.offset,
      output.storage,
      output.offset,
    )
    return output
  },
}

/** Where the blocks of a tensor lie, seen from an axis. */
function addressesOf({ shape, strides, offset, contiguous }: Tensor, axis: number, inner: number): Addresses {
  if (contiguous) {
    // The strides of axes of size 1 say nothing.
    const outerStep = inner * shape[axis]!
    return { start: offset, step: inner, outerStep, outerAt: undefined, innerAt: undefined }
  }
  const [sizes, steps] = [shape.slice(axis + 1), strides.slice(axis + 1)]
  return {
    start: offset,
    step: strides[axis]!,
    outerStep: 0,
    outerAt: offsetsOf(shape.slice(0, axis), strides.slice(0, axis)),
    innerAt: isRowMajor(sizes, steps) ? undefined : offsetsOf(sizes, steps),
  }
}

/**
 * The elements of `x` at positions along one axis, in place of that axis: `[...a, n, ...c]` and positions `[...i]` give
 * `[...a, ...i, ...c]`. The first `batchAxes` axes of `x` and of the positions are the same ones. Position -1 is nowhere
 * and gives 0. The one linear map behind `at`, `take` and `embedding`; its transpose is `accumulate`.
 *
 * @throws ArgumentError for a position outside of the axis; DTypeError for positions that are not int32.
 */
export const pick: Op<(x: Tensor, positions: Tensor, axis?: number, batchAxes?: number) => Tensor> =
  /* @__PURE__ */ op(primitive, (x: Tensor, positions: Tensor, axis = 0, batchAxes = 0) =>
    apply(primitive, [x, positions], { axis, batchAxes }),
  )
