import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { mul } from './mul.ts'
import { square } from './square.ts'

/**
 * 1 / √x. `d rsqrt = -y³ dx / 2`
 *
 * Kink policy: infinite at 0 (value infinity, derivative -infinity); a cotangent that is exactly 0 contributes 0.
 */
export const rsqrt: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'rsqrt',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = 1 / Math.sqrt(x[xAt + i * xStep]!)
  },
  derivative: ({ output }) => mul(mul(square(output), output), -0.5),
  keeps: 'output',
  domain: 'positive',
})
