import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { type Ranges, sampleRanges, sliceRanges } from './sliceRanges.ts'

const primitive: LinearPrimitive = {
  name: 'place',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { attributes }) =>
      sliceRanges(cotangent, attributes as Ranges),
  sample: draw => {
    const shape = draw.shape(0, 3)
    const ranges = sampleRanges(shape, draw)
    return { inputs: [{ shape: ranges.sizes }], attributes: { shape, ...ranges } }
  },
  forward: ([x], attributes) => {
    const output = allocate(attributes.shape as readonly number[], x!.dtype)
    const target = sliceRanges.primitive.forward([output], attributes)
    forEachRow(x!.shape, [x!.strides, target.strides], [x!.offset, target.offset], (count, at, step) => {
      for (let i = 0; i < count; i++)
        target.storage[at[1]! + i * step[1]!] = x!.storage[at[0]! + i * step[0]!]!
    })
    return output
  },
}

/** Zeros of a shape with `x` written into the given positions: the transpose of slicing. */
export const place: Op<(x: Tensor, shape: readonly number[], ranges: Ranges) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (x, shape, { starts, sizes, steps }) => apply(primitive, [x], { shape, starts, sizes, steps }),
)
