import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { quadraticRsqrt } from './quadraticRsqrt.ts'
import { square } from './square.ts'

/** Arc tangent, in radians, between -π/2 and π/2. `d(arctan x) = dx / (1 + x²)` */
export const atan: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'atan',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.atan(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => square(quadraticRsqrt(inputs[0]!, '1 + x²')),
  keeps: 'inputs',
  domain: 'real',
})
