import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { cos } from './cos.ts'

/** Sine of an angle in radians. `d(sin x) = cos x dx` */
export const sin: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'sin',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.sin(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => cos(inputs[0]!),
  keeps: 'inputs',
  domain: 'real',
})
