import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** The fraction of x, with its sign: x - trunc(x). `d frac = dx`, also at the jumps; NaN for infinities. */
export const frac: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'frac',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value - Math.trunc(value)
    }
  },
  derivative: 1,
  keeps: 'nothing',
  domain: 'betweenHalves',
})
