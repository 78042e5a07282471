import type { Op } from '../primitive/primitive.ts'
import { reduction } from '../primitive/reduction.ts'
import type { ReductionOp } from '../primitive/signatures.ts'
import { toFloating } from '../storage/dtype.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { exp } from './exp.ts'
import { sub } from './sub.ts'
import { sum } from './sum.ts'
import { where } from './where.ts'

/**
 * log Σ e^x along one axis, several, or all, without overflow. `d(logSumExp x) = softmax(x) · dx`
 *
 * -infinity for no elements, and where all elements are -infinity; the gradient is 0 there. Elements of infinity share the
 * gradient evenly.
 *
 * @example
 * ```ts
 * import { logSumExp, tensor } from '@adjoint/core'
 * logSumExp(tensor([[1000, 1000], [0, 0]]), 1).toArray() // => [1000.6932, 0.6931]
 * ```
 */
export const logSumExp: Op<ReductionOp> = /* @__PURE__ */ reduction({
  name: 'logSumExp',
  dtype: toFloating,
  loop: (count, x, at, step) => {
    let largest = Number.NEGATIVE_INFINITY
    for (let i = 0; i < count; i++) {
      const value = x[at + i * step]!
      if (value > largest || Number.isNaN(value)) largest = value
    }
    if (!Number.isFinite(largest)) return largest
    let total = 0
    for (let i = 0; i < count; i++) total += Math.exp(x[at + i * step]! - largest)
    return largest + Math.log(total)
  },
  // The softmax. The output is rounded, so e^(x - output) carries an error that is the same for all elements of a group:
  // dividing by their sum removes it. Where all elements are -infinity the sum is 0, and so is the gradient.
  derivative: (x, output, axes) => {
    const shifted = sub(x, where(equal(output, Number.NEGATIVE_INFINITY), 0, output))
    // Infinity is as far from itself as two equals are.
    const weights = exp(where(equal(x, Number.POSITIVE_INFINITY), 0, shifted))
    const total = sum(weights, axes, { keepDims: true })
    return div(weights, where(equal(total, 0), 1, total))
  },
  keeps: 'both',
  domain: 'real',
})
