import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { mul } from './mul.ts'

/** 2^x, exact at whole numbers. `d(2^x) = 2^x ln 2 dx` */
export const exp2: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'exp2',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = 2 ** x[xAt + i * xStep]!
  },
  derivative: ({ output }) => mul(output, Math.LN2),
  keeps: 'output',
  domain: 'real',
})
