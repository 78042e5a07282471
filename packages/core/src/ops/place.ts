import { copyInto } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { batchRanges, type Ranges, sampleRanges, sliceRanges } from './sliceRanges.ts'

const primitive: LinearPrimitive = {
  name: 'place',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { attributes }) =>
      sliceRanges(cotangent, attributes as Ranges),
  batch: (attributes, batchSize) => ({
    shape: [batchSize, ...(attributes.shape as readonly number[])],
    ...batchRanges(attributes as Ranges, batchSize),
  }),
  sample: draw => {
    const shape = draw.shape(0, 3)
    const ranges = sampleRanges(shape, draw)
    return { inputs: [{ shape: ranges.sizes }], attributes: { shape, ...ranges } }
  },
  result: ([x], attributes) => ({ shape: attributes.shape as readonly number[], dtype: x!.dtype }),
  forward: ([x], attributes) => {
    const output = allocate(attributes.shape as readonly number[], x!.dtype)
    copyInto(x!, sliceRanges.primitive.forward([output], attributes))
    return output
  },
}

/** Zeros of a shape with `x` written into the given positions: the transpose of slicing. */
export const place: Op<(x: Tensor, shape: readonly number[], ranges: Ranges) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (x, shape, { starts, sizes, steps }) => apply(primitive, [x], { shape, starts, sizes, steps }),
)
