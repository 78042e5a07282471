import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** -x. `d(-x) = -dx` */
export const neg: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'neg',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = -x[xAt + i * xStep]!
  },
  derivative: -1,
  keeps: 'nothing',
  domain: 'real',
})
