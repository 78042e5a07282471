import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { cosh } from './cosh.ts'

/** Hyperbolic sine. `d(sinh x) = cosh x dx` */
export const sinh: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'sinh',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.sinh(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => cosh(inputs[0]!),
  keeps: 'inputs',
  domain: 'real',
})
