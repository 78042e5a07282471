import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { quadraticRsqrt } from './quadraticRsqrt.ts'

/**
 * Inverse of the hyperbolic cosine; NaN below 1. `d(arcosh x) = dx / √(x² - 1)`
 *
 * Kink policy: the derivative at 1 is infinity; a cotangent that is exactly 0 contributes 0.
 */
export const acosh: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'acosh',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.acosh(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => quadraticRsqrt(inputs[0]!, 'x² - 1'),
  keeps: 'inputs',
  domain: 'aboveOne',
})
