import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { square } from './square.ts'
import { sub } from './sub.ts'

/** Hyperbolic tangent. `d(tanh x) = (1 - tanh² x) dx`. Lecture: activation functions. */
export const tanh: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'tanh',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.tanh(x[xAt + i * xStep]!)
  },
  derivative: ({ output }) => sub(1, square(output)),
  keeps: 'output',
  domain: 'real',
})
