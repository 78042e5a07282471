import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { greater } from './greater.ts'

/**
 * max(0, x). `d relu = [x > 0] dx`. Lecture: activation functions.
 *
 * Kink policy: the derivative at 0 is 0.
 */
export const relu: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'relu',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.max(x[xAt + i * xStep]!, 0)
  },
  derivative: ({ output }) => greater(output, 0),
  keeps: 'output',
  domain: 'nonzero',
})
