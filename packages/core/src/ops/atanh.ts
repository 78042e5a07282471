import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { quadraticRsqrt } from './quadraticRsqrt.ts'
import { square } from './square.ts'

/**
 * Inverse of the hyperbolic tangent; infinite at -1 and 1, NaN beyond. `d(artanh x) = dx / (1 - x²)`
 *
 * Kink policy: the derivative at -1 and 1 is infinity; a cotangent that is exactly 0 contributes 0.
 */
export const atanh: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'atanh',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.atanh(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => square(quadraticRsqrt(inputs[0]!, '1 - x²')),
  keeps: 'inputs',
  domain: 'unit',
})
