import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { mul } from './mul.ts'

/** x times x, without rounding of a power. `d(x²) = 2x dx` */
export const square: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'square',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value * value
    }
  },
  derivative: ({ inputs }) => mul(inputs[0]!, 2),
  keeps: 'inputs',
  domain: 'real',
})
