import { KERNEL_ELEMENTS, runKernel } from '../backend/kernels.ts'
import { forEachRow } from '../backend/strided.ts'
import { apply } from '../graph/apply.ts'
import type { GeneralPrimitive, Op } from '../primitive/primitive.ts'
import { op } from '../primitive/primitive.ts'
import { broadcastShapes, broadcastStrides } from '../shape/broadcast.ts'
import { DTypeError, formatShape } from '../shape/errors.ts'
import { lineAxes } from '../shape/shape.ts'
import { type TypedArray, toFloating } from '../storage/dtype.ts'
import { expectTensor } from '../tensor/create.ts'
import type { ShapeRule } from '../tensor/node.ts'
import { allocateResult, type Tensor } from '../tensor/tensor.ts'
import { timesJacobian } from './softmax.ts'

/** The softmax of the elements of a line whose mask is not 0; zeros for the others. */
function maskedLine(
  count: number,
  x: TypedArray,
  xAt: number,
  xStep: number,
  mask: TypedArray,
  maskAt: number,
  maskStep: number,
  out: TypedArray,
  outAt: number,
  outStep: number,
): void {
  let largest = Number.NEGATIVE_INFINITY
  for (let i = 0; i < count; i++) {
    if (mask[maskAt + i * maskStep] !== 0) largest = Math.max(largest, x[xAt + i * xStep]!)
  }
  // Fresh memory is zero: a line in which nothing takes part is done.
  if (largest === Number.NEGATIVE_INFINITY) return
  let total = 0
  for (let i = 0; i < count; i++) {
    if (mask[maskAt + i * maskStep] !== 0) total += Math.exp(x[xAt + i * xStep]! - largest)
  }
  for (let i = 0; i < count; i++) {
    if (mask[maskAt + i * maskStep] !== 0)
      out[outAt + i * outStep] = Math.exp(x[xAt + i * xStep]! - largest) / total
  }
}

const result: ShapeRule = ([x, mask]) => ({
  shape: broadcastShapes('maskedSoftmax', x!.shape, mask!.shape),
  dtype: toFloating(x!.dtype),
})

const primitive: GeneralPrimitive = {
  name: 'maskedSoftmax',
  kind: 'general',
  keeps: 'output',
  // Where the mask is false y is 0, and so are row and column of the Jacobian diag(y) - y yᵀ.
  vjp: (cotangent, { output, attributes }, index) =>
    index === 0 ? timesJacobian(cotangent, output, attributes.axes as readonly number[]) : undefined,
  jvp: ([tangent], { output, attributes }) =>
    timesJacobian(tangent!, output, attributes.axes as readonly number[]),
  batch: 'leading',
  sample: draw => {
    const shape = draw.shape(1, 3)
    const axis = draw.integer(-shape.length, -1)
    return {
      inputs: [{ shape }, { shape: draw.broadcastable(shape), dtype: 'bool', below: 2 }],
      attributes: { axes: [axis] },
    }
  },
  result,
  forward: (inputs, attributes) => {
    const [x, mask] = inputs
    const output = allocateResult(result(inputs, attributes))
    const { shape } = output
    if (output.size >= KERNEL_ELEMENTS) {
      if (runKernel('maskedSoftmax', x!.dtype, [x!, mask!], output, attributes)) return output
    }
    // Counted from the end, so that further axes in front change nothing.
    const axis = shape.length + ((attributes.axes as readonly number[])[0] ?? Number.NEGATIVE_INFINITY)
    const strides = [
      broadcastStrides(x!.shape, x!.strides, shape),
      broadcastStrides(mask!.shape, mask!.strides, shape),
      output.strides,
    ]
    const [xStep, maskStep, outStep] = strides.map(stride => stride[axis] ?? 0) as [number, number, number]
    const length = shape[axis] ?? 1
    const others = (values: readonly number[]): number[] => values.filter((_, k) => k !== axis)
    const offsets = [x!.offset, mask!.offset, output.offset]
    const [from, isKept, to] = [x!.storage, mask!.storage, output.storage]
    forEachRow(others(shape), strides.map(others), offsets, (count, at, step) => {
      for (let i = 0; i < count; i++) {
        const [xAt, maskAt, outAt] = [at[0]! + i * step[0]!, at[1]! + i * step[1]!, at[2]! + i * step[2]!]
        maskedLine(length, from, xAt, xStep, isKept, maskAt, maskStep, to, outAt, outStep)
      }
    })
    return output
  },
}

/**
 * The softmax of the elements that take part: e^x divided by the sum along an axis (the last one by default) over the
 * elements whose mask is true, 0 elsewhere. The mask is bool and broadcasts with `x`. `dy = y (dx - Σ y dx)`, so elements
 * that take no part get gradient 0.
 *
 * A line in which nothing takes part, or all that does is -infinity, is 0, and so is its gradient: there is nothing to
 * share. (`softmax` of -infinity only is NaN.)
 *
 * @example
 * ```ts
 * import { maskedSoftmax, tensor } from '@adjoint/core'
 * maskedSoftmax(tensor([5, 1, 1]), tensor([false, true, true])).toArray() // => [0, 0.5, 0.5]
 * maskedSoftmax(tensor([5, 1, 1]), tensor(false)).toArray() // => [0, 0, 0]
 * ```
 * @throws DTypeError for a mask that is not bool; ShapeError when it does not broadcast; AxisError for an axis outside of
 * the rank of `x`.
 */
export const maskedSoftmax: Op<(x: Tensor, mask: Tensor, axis?: number) => Tensor> = /* @__PURE__ */ op(
  primitive,
  (x: Tensor, mask: Tensor, axis = -1) => {
    const { rank } = expectTensor('maskedSoftmax', x)
    const { dtype, shape } = expectTensor('maskedSoftmax', mask)
    const axes = lineAxes('maskedSoftmax', axis, rank).map(k => k - rank)
    if (dtype !== 'bool') {
      throw new DTypeError(
        'maskedSoftmax',
        `the mask must be bool, got ${dtype} of shape ${formatShape(shape)}; true = take part. Numbers to add to x are ` +
          'added: maskedSoftmax(add(x, bias), mask).',
        [dtype],
      )
    }
    return apply(primitive, [x, mask], { axes })
  },
)
