import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { neg } from './neg.ts'
import { sigmoid } from './sigmoid.ts'

/**
 * log σ(x) = -log(1 + e^-x), without overflow, and exact where σ(x) rounds to 0 or 1. `d logSigmoid = σ(-x) dx`
 *
 * @example
 * ```ts
 * import { logSigmoid, tensor } from '@adjoint/core'
 * logSigmoid(tensor([-1000, 0, 1000])).toArray() // => [-1000, -0.6931, 0]
 * ```
 */
export const logSigmoid: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'logSigmoid',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = Math.min(value, 0) - Math.log1p(Math.exp(-Math.abs(value)))
    }
  },
  derivative: ({ inputs }) => sigmoid(neg(inputs[0]!)),
  keeps: 'inputs',
  domain: 'real',
})
