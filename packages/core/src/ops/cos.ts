import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { neg } from './neg.ts'
import { sin } from './sin.ts'

/** Cosine of an angle in radians. `d(cos x) = -sin x dx` */
export const cos: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'cos',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.cos(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => neg(sin(inputs[0]!)),
  keeps: 'inputs',
  domain: 'real',
})
