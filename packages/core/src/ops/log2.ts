import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { div } from './div.ts'

/**
 * Logarithm to the base 2, exact at powers of 2. `d(log₂ x) = dx / (x ln 2)`
 *
 * Kink policy: infinite at 0 (value -infinity, derivative infinity); a cotangent that is exactly 0 contributes 0.
 */
export const log2: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'log2',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.log2(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => div(Math.LOG2E, inputs[0]!),
  keeps: 'inputs',
  domain: 'positive',
})
