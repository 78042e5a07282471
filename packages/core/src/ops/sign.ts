import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** -1, 0 or 1. Piecewise constant: the derivative is 0 everywhere, also at the jump. */
export const sign: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'sign',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.sign(x[xAt + i * xStep]!)
  },
  derivative: 0,
  keeps: 'nothing',
  domain: 'nonzero',
})
