import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import type { MovementPrimitive } from '../primitive/primitive.ts'
import type { Attributes } from '../tensor/node.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'
import { place } from './place.ts'

/** A range on every axis: `sizes[k]` elements from `starts[k]` on, `steps[k]` apart. */
export interface Ranges extends Attributes {
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
  readonly steps: readonly number[]
}

const primitive: MovementPrimitive = /* @__PURE__ */ movement({
  name: 'slice',
  shape: (_, attributes) => (attributes as Ranges).sizes,
  move: (x, attributes) => {
    const { starts, sizes, steps } = attributes as Ranges
    let offset = x.offset
    if (!sizes.includes(0))
      for (let axis = 0; axis < starts.length; axis++) offset += starts[axis]! * x.strides[axis]!
    return viewOf(
      x,
      sizes,
      x.strides.map((stride, axis) => stride * steps[axis]!),
      offset,
    )
  },
  transpose: (cotangent, { inputs, attributes }) => place(cotangent, inputs[0]!.shape, attributes as Ranges),
  batch: (attributes, batchSize) => batchRanges(attributes as Ranges, batchSize),
  sample: draw => {
    const shape = draw.shape(0, 3)
    return { inputs: [{ shape }], attributes: sampleRanges(shape, draw) }
  },
})

/** Elements of evenly spaced positions on every axis, as a view. `slice` in `composed/` is the comfortable form. */
export const sliceRanges: ((x: Tensor, ranges: Ranges) => Tensor) & {
  readonly primitive: MovementPrimitive
} = /* @__PURE__ */ Object.assign((x: Tensor, ranges: Ranges) => apply(primitive, [x], ranges), { primitive })

/** The same ranges behind a batch axis, of which everything is taken. */
export function batchRanges({ starts, sizes, steps }: Ranges, batchSize: number): Ranges {
  return { starts: [0, ...starts], sizes: [batchSize, ...sizes], steps: [1, ...steps] }
}

/** Random ranges within a shape, for the laws. */
export function sampleRanges(
  shape: readonly number[],
  draw: { integer(minimum: number, maximum: number): number; boolean(): boolean },
): Ranges {
  const starts: number[] = []
  const sizes: number[] = []
  const steps: number[] = []
  for (const size of shape) {
    const low = size === 0 ? 0 : draw.integer(0, size - 1)
    const high = size === 0 ? 0 : draw.integer(low, size - 1)
    const stride = draw.integer(1, 2)
    const count = size === 0 ? 0 : Math.floor((high - low) / stride) + 1
    const backward = draw.boolean()
    starts.push(backward ? low + Math.max(0, count - 1) * stride : low)
    sizes.push(count)
    steps.push(backward ? -stride : stride)
  }
  return { starts, sizes, steps }
}
