import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import { resultDType } from '../primitive/elementwise.ts'
import { type LinearPrimitive, type Op, op } from '../primitive/primitive.ts'
import { AxisError, formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import { countWindows, expectWindowArguments, sampleWindows, unfold, type Windows } from './unfold.ts'

const result: ShapeRule = ([x], attributes) => {
  const { axis, length } = attributes as Windows
  return {
    shape: x!.shape.slice(0, -1).map((count, k) => (k === axis ? length : count)),
    dtype: resultDType('number', x!.dtype),
  }
}

const primitive: LinearPrimitive = {
  name: 'foldWindows',
  kind: 'linear',
  keeps: 'nothing',
  transposeFor:
    () =>
    (cotangent, { attributes }) => {
      const { axis, size, step, dilation } = attributes as Windows
      return unfold(cotangent, axis, size, step, dilation)
    },
  batch: attributes => ({ ...attributes, axis: (attributes.axis as number) + 1 }),
  sample: draw => {
    const { shape, windows } = sampleWindows(draw)
    const counted = shape.map((length, k) => (k === windows.axis ? countWindows(windows) : length))
    return { inputs: [{ shape: [...counted, windows.size] }], attributes: windows }
  },
  result,
  forward: ([x], attributes) => addWindows(x!, attributes as Windows),
}

/** `[..., windows, ..., size] -> [..., length, ...]` */
export type FoldWindowsOp = (
  x: Tensor,
  axis: number,
  length: number,
  step?: number,
  dilation?: number,
) => Tensor

/**
 * Windows added up at the places of an axis that they were taken from: the transpose of {@link unfold}, also known as
 * overlap-add. `axis` is the one that counts the windows; each of them lies along the last axis. Places that no window
 * covers are 0.
 *
 * @example
 * ```ts
 * import { foldWindows, ones } from '@adjoint/core'
 * foldWindows(ones([3, 3]), 0, 5).toArray() // => [1, 2, 3, 2, 1]
 * ```
 * @throws ShapeError when another number of windows fits into `length`; ArgumentError when a number is not whole.
 */
export const foldWindows: Op<FoldWindowsOp> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, axis: number, length: number, step = 1, dilation = 1) => {
    const { rank, shape } = expectTensor('foldWindows', x)
    if (rank < 2) {
      throw new AxisError(
        'foldWindows',
        axis,
        rank,
        `needs an axis of windows and a last axis of their elements, got ${formatShape(shape)}.`,
      )
    }
    const along = normalizeAxis('foldWindows', axis, rank - 1)
    const size = shape[rank - 1]!
    expectWindowArguments('foldWindows', { size, length, step, dilation })
    const windows: Windows = { axis: along, length, size, step, dilation }
    if (countWindows(windows) !== shape[along]) {
      throw new ShapeError(
        'foldWindows',
        `${formatShape(shape)} has ${shape[along]} windows of ${size} along axis ${along}; into length ${length} fit ` +
          `${Math.max(0, countWindows(windows))} (step ${step}, dilation ${dilation}).`,
        [shape],
      )
    }
    return apply(primitive, [x], windows)
  },
)

/** Adds line by line, in float64. */
function addWindows(x: Tensor, windows: Windows): Tensor {
  const { axis, length, size, step, dilation } = windows
  const last = x.rank - 1
  const output = allocateResult(result([x], windows))
  const others = (values: readonly number[]): number[] => values.filter((_, k) => k !== axis && k !== last)
  const [count, fromWindow, fromElement] = [x.shape[axis]!, x.strides[axis]!, x.strides[last]!]
  const [from, to, toStep] = [x.storage, output.storage, output.strides[axis]!]
  const total = new Float64Array(length)
  const strides = [others(x.strides), others(output.strides)]
  forEachRow(others(x.shape), strides, [x.offset, output.offset], (lines, at, next) => {
    for (let line = 0; line < lines; line++) {
      total.fill(0)
      const start = at[0]! + line * next[0]!
      for (let k = 0; k < size; k++) {
        const first = start + k * fromElement
        const place = k * dilation
        for (let window = 0; window < count; window++)
          total[place + window * step]! += from[first + window * fromWindow]!
      }
      const target = at[1]! + line * next[1]!
      for (let i = 0; i < length; i++) to[target + i * toStep] = total[i]!
    }
  })
  return output
}
