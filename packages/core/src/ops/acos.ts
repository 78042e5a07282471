import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { neg } from './neg.ts'
import { quadraticRsqrt } from './quadraticRsqrt.ts'

/**
 * Arc cosine, in radians; NaN outside of [-1, 1]. `d(arccos x) = -dx / √(1 - x²)`
 *
 * Kink policy: the derivative at -1 and 1 is -infinity; a cotangent that is exactly 0 contributes 0.
 */
export const acos: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'acos',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.acos(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => neg(quadraticRsqrt(inputs[0]!, '1 - x²')),
  keeps: 'inputs',
  domain: 'unit',
})
