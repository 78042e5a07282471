import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { sign } from './sign.ts'

/**
 * Absolute value. `d|x| = sign(x) dx`
 *
 * Kink policy: the derivative at 0 is 0, the subgradient of least norm.
 */
export const abs: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'abs',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.abs(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => sign(inputs[0]!),
  keeps: 'inputs',
  domain: 'nonzero',
})
