import { alongAxis } from '../primitive/alongAxis.ts'
import type { Op } from '../primitive/primitive.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'
import { sum } from './sum.ts'

/** The Jacobian diag(y) - y yᵀ of each line is symmetric: one product serves both directions. */
export function timesJacobian(v: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  return mul(y, sub(v, sum(mul(v, y), axes, { keepDims: true })))
}

/**
 * e^x divided by its sum along an axis (the last one by default), without overflow. `dy = y (dx - Σ y dx)`.
 * Lecture: activation functions, output layer.
 *
 * @example
 * ```ts
 * import { softmax, tensor } from '@adjoint/core'
 * softmax(tensor([1000, 1000])).toArray() // => [0.5, 0.5]
 * ```
 * @throws AxisError for an axis outside of the rank; a 0-d tensor is a line of one element, with the axes 0 and -1.
 */
export const softmax: Op<AlongAxisOp> = /* @__PURE__ */ alongAxis({
  name: 'softmax',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    let largest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < count; i++) largest = Math.max(largest, x[xAt + i * xStep]!)
    let total = 0
    for (let i = 0; i < count; i++) total += Math.exp(x[xAt + i * xStep]! - largest)
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.exp(x[xAt + i * xStep]! - largest) / total
  },
  vjp: timesJacobian,
  jvp: timesJacobian,
  keeps: 'output',
})
