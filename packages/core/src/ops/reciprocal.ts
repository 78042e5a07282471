import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { neg } from './neg.ts'
import { square } from './square.ts'

/**
 * 1 / x. `d(1/x) = -y² dx`
 *
 * Kink policy: infinite at 0 (value infinity with the sign of the zero, derivative -infinity); a cotangent that is exactly
 * 0 contributes 0.
 */
export const reciprocal: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'reciprocal',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = 1 / x[xAt + i * xStep]!
  },
  derivative: ({ output }) => neg(square(output)),
  keeps: 'output',
  domain: 'nonzero',
})
