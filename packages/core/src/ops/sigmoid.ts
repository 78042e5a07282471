import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { mul } from './mul.ts'
import { sub } from './sub.ts'

/**
 * The logistic function 1 / (1 + e^-x), without overflow on either side. `dσ = σ (1 - σ) dx`. Lecture: activation functions.
 *
 * @example
 * ```ts
 * import { sigmoid, tensor } from '@adjoint/core'
 * sigmoid(tensor([-1000, 0, 1000])).toArray() // => [0, 0.5, 1]
 * ```
 */
export const sigmoid: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'sigmoid',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      // e^-|x| never overflows; dividing it by 1 + e^-|x| keeps the small side's digits.
      const small = Math.exp(-Math.abs(value))
      out[outAt + i * outStep] = value < 0 ? small / (1 + small) : 1 / (1 + small)
    }
  },
  derivative: ({ output }) => mul(output, sub(1, output)),
  keeps: 'output',
  domain: 'real',
})
