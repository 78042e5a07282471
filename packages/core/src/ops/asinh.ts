import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { quadraticRsqrt } from './quadraticRsqrt.ts'

/** Inverse of the hyperbolic sine. `d(arsinh x) = dx / √(1 + x²)` */
export const asinh: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'asinh',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.asinh(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => quadraticRsqrt(inputs[0]!, '1 + x²'),
  keeps: 'inputs',
  domain: 'real',
})
