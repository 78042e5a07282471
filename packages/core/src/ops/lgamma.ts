import { logGamma } from '../backend/gamma.ts'
import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { polygamma } from './polygamma.ts'

/**
 * log |Γ(x)|, the logarithm of the absolute value of the gamma function. `d lgamma = ψ(x) dx`, the digamma function.
 *
 * By its Taylor series at 2 (Abramowitz and Stegun 6.1.33), Stirling's series from 10 on, and the recurrence and reflection
 * formulas elsewhere. Infinite at 0, -1, -2, ..., where the derivative is NaN, at 0 infinite; a cotangent that is exactly 0
 * contributes 0.
 *
 * @example
 * ```ts
 * import { exp, lgamma, tensor } from '@adjoint/core'
 * exp(lgamma(tensor([1, 2, 5]))).toArray() // => [1, 1, 24]
 * ```
 */
export const lgamma: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'lgamma',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = logGamma(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => polygamma(inputs[0]!, 0),
  keeps: 'inputs',
  domain: 'positive',
})
