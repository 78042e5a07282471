import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** e to the power x. `d(e^x) = e^x dx` */
export const exp: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'exp',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.exp(x[xAt + i * xStep]!)
  },
  derivative: ({ output }) => output,
  keeps: 'output',
  domain: 'real',
})
