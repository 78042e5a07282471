import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { quadraticRsqrt } from './quadraticRsqrt.ts'

/**
 * Arc sine, in radians; NaN outside of [-1, 1]. `d(arcsin x) = dx / √(1 - x²)`
 *
 * Kink policy: the derivative at -1 and 1 is infinity; a cotangent that is exactly 0 contributes 0.
 */
export const asin: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'asin',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.asin(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => quadraticRsqrt(inputs[0]!, '1 - x²'),
  keeps: 'inputs',
  domain: 'unit',
})
