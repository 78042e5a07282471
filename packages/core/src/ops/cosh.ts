import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { sinh } from './sinh.ts'

/** Hyperbolic cosine. `d(cosh x) = sinh x dx` */
export const cosh: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'cosh',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.cosh(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => sinh(inputs[0]!),
  keeps: 'inputs',
  domain: 'real',
})
