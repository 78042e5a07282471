import { alongAxis } from '../primitive/alongAxis.ts'
import type { Op } from '../primitive/primitive.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'
import { exp } from './exp.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'
import { sum } from './sum.ts'

/**
 * The logarithm of the softmax along an axis (the last one by default): x - logSumExp(x), exact where the softmax itself
 * rounds to 0. `dy = dx - Σ e^y dx`
 *
 * @example
 * ```ts
 * import { logSoftmax, tensor } from '@adjoint/core'
 * logSoftmax(tensor([0, 1000])).toArray() // => [-1000, 0]
 * ```
 * @throws AxisError for an axis outside of the rank; a 0-d tensor is a line of one element, with the axes 0 and -1.
 */
export const logSoftmax: Op<AlongAxisOp> = /* @__PURE__ */ alongAxis({
  name: 'logSoftmax',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    let largest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < count; i++) largest = Math.max(largest, x[xAt + i * xStep]!)
    let total = 0
    for (let i = 0; i < count; i++) total += Math.exp(x[xAt + i * xStep]! - largest)
    const shift = Math.log(total)
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep]! - largest - shift
  },
  // J = I - 1 pᵀ with p = e^y: backward c - p Σ c, forward t - Σ p t.
  vjp: (cotangent, output, axes) =>
    sub(cotangent, mul(exp(output), sum(cotangent, axes, { keepDims: true }))),
  jvp: (tangent, output, axes) => sub(tangent, sum(mul(exp(output), tangent), axes, { keepDims: true })),
  keeps: 'output',
})
