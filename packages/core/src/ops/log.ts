import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { div } from './div.ts'

/**
 * Natural logarithm. `d(log x) = dx / x`
 *
 * Kink policy: infinite at 0 (value -infinity, derivative infinity); a cotangent that is exactly 0 contributes 0.
 */
export const log: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'log',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.log(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => div(1, inputs[0]!),
  keeps: 'inputs',
  domain: 'positive',
})
