import { alongAxis } from '../primitive/alongAxis.ts'
import type { Op } from '../primitive/primitive.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { div } from './div.ts'
import { greater } from './greater.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'
import { sum } from './sum.ts'

/** The Jacobian diag(s) - s sᵀ / Σ s, with s 1 in the support and 0 elsewhere, is symmetric: it serves both directions. */
function timesJacobian(v: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const support = greater(y, 0)
  const mean = div(sum(mul(v, support), axes, { keepDims: true }), sum(support, axes, { keepDims: true }))
  return mul(support, sub(v, mean))
}

/** What to subtract from numbers in descending order, so that what is left above 0 adds up to 1. */
function shiftOf(descending: Float64Array): number {
  let total = 0
  let shift = Number.NaN
  for (let i = 0; i < descending.length; i++) {
    const value = descending[i]!
    if (1 + (i + 1) * value <= total + value) break
    total += value
    shift = (total - 1) / (i + 1)
  }
  return shift
}

/**
 * The point of the probability simplex that is nearest to the numbers along an axis (the last one by default): like
 * softmax a distribution, but with exact zeros. `dy = s (dx - Σ s dx / Σ s)`, with s = [y > 0].
 *
 * NaN where no distribution is nearest: beside NaN or ∞, or where all are -∞. Kink policy: an element that is 0 and about
 * to enter the support gets 0. Source: A. Martins, R. Astudillo, "From Softmax to Sparsemax", ICML 2016.
 *
 * @example
 * ```ts
 * import { sparsemax, tensor } from '@adjoint/core'
 * sparsemax(tensor([2, 1.5, 0])).toArray() // => [0.75, 0.25, 0]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const sparsemax: Op<AlongAxisOp> = /* @__PURE__ */ alongAxis({
  name: 'sparsemax',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    let largest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < count; i++) largest = Math.max(largest, x[xAt + i * xStep]!)
    // Relative to the largest, so that 1 counts beside large numbers; NaN spreads from here.
    const line = Float64Array.from({ length: count }, (_, i) => x[xAt + i * xStep]! - largest)
    const shift = Number.isFinite(largest) ? shiftOf(Float64Array.from(line).sort().reverse()) : Number.NaN
    for (let i = 0; i < count; i++) {
      const share = line[i]! - shift
      out[outAt + i * outStep] = share > 0 || Number.isNaN(share) ? share : 0
    }
  },
  vjp: timesJacobian,
  jvp: timesJacobian,
  keeps: 'output',
  domain: 'distinct',
})
