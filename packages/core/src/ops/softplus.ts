import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { sigmoid } from './sigmoid.ts'

/** log(1 + e^x), without overflow: max(x, 0) + log(1 + e^-|x|). `d softplus = σ(x) dx` */
export const softplus: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'softplus',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = Math.max(value, 0) + Math.log1p(Math.exp(-Math.abs(value)))
    }
  },
  derivative: ({ inputs }) => sigmoid(inputs[0]!),
  keeps: 'inputs',
  domain: 'real',
})
