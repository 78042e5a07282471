import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { abs } from './abs.ts'
import { add } from './add.ts'
import { div } from './div.ts'
import { square } from './square.ts'

/**
 * x / (1 + |x|), between -1 and 1. `d softsign = dx / (1 + |x|)²`
 *
 * The derivative is 1 at 0. Kink policy: the second derivative jumps there from 2 to -2, and is 0.
 */
export const softsign: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'softsign',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value / (1 + Math.abs(value))
    }
  },
  derivative: ({ inputs }) => div(1, square(add(abs(inputs[0]!), 1))),
  keeps: 'inputs',
  domain: 'nonzero',
})
