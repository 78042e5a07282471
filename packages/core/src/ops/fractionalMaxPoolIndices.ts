import { type AxisWindows, largestInWindows, NO_AXIS } from '../backend/maxWindows.ts'
import { runUnrecorded } from '../graph/apply.ts'
import { type NonDifferentiablePrimitive, type Op, op } from '../primitive/primitive.ts'
import { sizeOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes, ShapeRule } from '../tensor/node.ts'
import { allocateResult, compact, type Tensor } from '../tensor/tensor.ts'

interface FractionalAttributes extends Attributes {
  readonly kernel: readonly number[]
  readonly outputs: readonly number[]
}

const result: ShapeRule = ([x], attributes) => {
  const { outputs } = attributes as FractionalAttributes
  return { shape: [...x!.shape.slice(0, x!.rank - outputs.length), ...outputs], dtype: 'int32' }
}

const primitive: NonDifferentiablePrimitive = {
  name: 'fractionalMaxPoolIndices',
  kind: 'nonDifferentiable',
  keeps: 'nothing',
  reason: 'an index is a whole number',
  // Both inputs have the batch in front; what follows is counted from the end.
  batch: attributes => attributes,
  sample: draw => {
    const lead = draw.shape(0, 2)
    const space = Array.from({ length: draw.integer(1, 3) }, () => draw.integer(1, 5))
    const kernel = space.map(size => draw.integer(1, size))
    const outputs = space.map((size, k) => draw.integer(1, size - kernel[k]! + 1))
    return {
      inputs: [
        { shape: [...lead, ...space], domain: 'distinct' },
        { shape: [...lead, space.length], domain: 'probability' },
      ],
      attributes: { kernel, outputs },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, samples] = inputs
    const { kernel, outputs } = attributes as FractionalAttributes
    const count = kernel.length
    const sizes = x!.shape.slice(x!.rank - count)
    const lead = x!.shape.slice(0, x!.rank - count)
    const output = allocateResult(result(inputs, attributes))
    const { storage, offset } = compact(x!)
    const draws = compact(samples!)
    const axes = sizes.map(
      (size, k): AxisWindows => ({
        size,
        firsts: new Int32Array(outputs[k]!),
        counts: new Int32Array(outputs[k]!).fill(kernel[k]!),
        step: 1,
      }),
    )
    const space = [NO_AXIS, NO_AXIS, NO_AXIS, ...axes].slice(-3) as [AxisWindows, AxisWindows, AxisWindows]
    const [plane, written, planes] = [sizeOf(sizes), sizeOf(outputs), sizeOf(lead)]
    for (let i = 0; i < planes; i++) {
      axes.forEach(({ size, firsts }, k) => {
        placeWindows(size, kernel[k]!, draws.storage[draws.offset + i * count + k]!, firsts)
      })
      const [from, to] = [offset + i * plane, output.offset + i * written]
      largestInWindows(storage, from, space, output.storage, to)
    }
    return output
  },
}

/** Window i begins at ⌊(i + u) α⌋ - ⌊u α⌋, with α = (size - kernel) / (windows - 1); the last one ends with the axis. */
function placeWindows(size: number, kernel: number, u: number, firsts: Int32Array): void {
  const last = firsts.length - 1
  const step = last > 0 ? (size - kernel) / last : 0
  for (let i = 0; i < last; i++) firsts[i] = Math.floor((i + u) * step) - Math.floor(u * step)
  firsts[last] = size - kernel
}

/**
 * Where the largest element of every window of the last axes is, for windows whose places follow from one number in
 * [0, 1) for each plane and axis: `x [..., ...space]`, samples `[..., axes of space]`.
 */
export const fractionalMaxPoolIndices: Op<
  (x: Tensor, samples: Tensor, kernel?: readonly number[], outputs?: readonly number[]) => Tensor
> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, samples: Tensor, kernel: readonly number[] = [], outputs: readonly number[] = []) =>
    runUnrecorded(primitive, [expectTensor('fractionalMaxPoolIndices', x), samples], { kernel, outputs }),
)
