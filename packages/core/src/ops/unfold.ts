import { apply } from '../graph/apply.ts'
import { movement } from '../primitive/movement.ts'
import { type Op, op } from '../primitive/primitive.ts'
import type { Draw } from '../primitive/sample.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Attributes } from '../tensor/node.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'
import { foldWindows } from './foldWindows.ts'

/** Windows along an axis of `length`: `size` elements, `dilation` apart; the next window starts `step` further. */
export interface Windows extends Attributes {
  readonly axis: number
  readonly length: number
  readonly size: number
  readonly step: number
  readonly dilation: number
}

/** The windows in place of the axis, and one more axis along each of them. */
function unfoldedShape(from: readonly number[], attributes: Attributes): readonly number[] {
  const windows = attributes as Windows
  return [...from.map((length, k) => (k === windows.axis ? countWindows(windows) : length)), windows.size]
}

const primitive = /* @__PURE__ */ movement({
  name: 'unfold',
  shape: unfoldedShape,
  move: (x, attributes) => {
    const { axis, step, dilation } = attributes as Windows
    const stride = x.strides[axis]!
    const strides = x.strides.map((distance, k) => (k === axis ? distance * step : distance))
    return viewOf(x, unfoldedShape(x.shape, attributes), [...strides, stride * dilation], x.offset)
  },
  transpose: (cotangent, { attributes }) => {
    const { axis, length, step, dilation } = attributes as Windows
    return foldWindows(cotangent, axis, length, step, dilation)
  },
  batch: attributes => ({ ...attributes, axis: (attributes.axis as number) + 1 }),
  sample: draw => {
    const { shape, windows } = sampleWindows(draw)
    return { inputs: [{ shape }], attributes: windows }
  },
})

/** `[..., length, ...] -> [..., windows, ..., size]` */
export type UnfoldOp = (x: Tensor, axis: number, size: number, step?: number, dilation?: number) => Tensor

/**
 * Sliding windows along an axis: `size` elements each, the next window `step` further, its elements `dilation` apart. The
 * axis then counts the windows, and a new last axis runs through each of them. Windows that would reach beyond the end are
 * left out. A view: overlapping windows share their elements, and the gradient of an element is the sum over its windows.
 *
 * @example
 * ```ts
 * import { arange, unfold } from '@adjoint/core'
 * unfold(arange(5), 0, 3, 1).toArray() // => [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
 * ```
 * @throws ArgumentError when a window is longer than the axis, or size, step or dilation is not a whole number from 1 up.
 */
export const unfold: Op<UnfoldOp> = /* @__PURE__ */ op(primitive, ((
  x: Tensor,
  axis: number,
  size: number,
  step = 1,
  dilation = 1,
) => {
  const along = normalizeAxis('unfold', axis, expectTensor('unfold', x).rank)
  const windows: Windows = { axis: along, length: x.shape[along]!, size, step, dilation }
  expectWindowArguments('unfold', { size, step, dilation })
  if (countWindows(windows) < 1) {
    throw new ArgumentError(
      'unfold',
      `a window of ${size} elements${dilation === 1 ? '' : ` that are ${dilation} apart`} does not fit into axis ${along} of ${formatShape(x.shape)}; ` +
        'choose a smaller one, or pad the axis.',
    )
  }
  return apply(primitive, [x], windows)
}) as UnfoldOp)

/** How many windows fit, 0 or less for none. */
export function countWindows({ length, size, step, dilation }: Windows): number {
  return Math.floor((length - dilation * (size - 1) - 1) / step) + 1
}

/** Checks that each of the named numbers is whole and at least 1. */
export function expectWindowArguments(name: string, numbers: Readonly<Record<string, number>>): void {
  for (const [argument, value] of Object.entries(numbers)) {
    if (Number.isInteger(value) && value >= 1) continue
    throw new ArgumentError(name, `${argument} must be a whole number from 1 up, got ${value}.`)
  }
}

/** A shape with an axis on which some windows fit, for the laws. */
export function sampleWindows(draw: Draw): { shape: number[]; windows: Windows } {
  const shape = draw.shape(1, 3)
  const axis = draw.integer(0, shape.length - 1)
  const [size, step, dilation] = [draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 2)]
  const length = dilation * (size - 1) + 1 + draw.integer(0, 4)
  shape[axis] = length
  return { shape, windows: { axis, length, size, step, dilation } }
}
