import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { exp } from './exp.ts'

/** e^x - 1, exact also near 0. `d(e^x - 1) = e^x dx` */
export const expm1: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'expm1',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.expm1(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => exp(inputs[0]!),
  keeps: 'inputs',
  domain: 'real',
})
