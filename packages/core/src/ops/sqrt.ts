import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { div } from './div.ts'

/**
 * Square root. `d(√x) = dx / (2 √x)`
 *
 * Kink policy: the derivative at 0 is infinity; a cotangent that is exactly 0 contributes 0.
 */
export const sqrt: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'sqrt',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.sqrt(x[xAt + i * xStep]!)
  },
  derivative: ({ output }) => div(0.5, output),
  keeps: 'output',
  domain: 'positive',
})
