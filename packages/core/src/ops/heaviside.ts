import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { equal } from './equal.ts'

/**
 * The step function, broadcast: 0 where x is negative, 1 where it is positive, the given value where it is 0; NaN stays
 * NaN. The cotangent goes to the value where x is 0.
 *
 * Kink policy: the derivative with respect to x is 0 everywhere, also at the jump.
 *
 * @example
 * ```ts
 * import { heaviside, tensor } from '@adjoint/core'
 * heaviside(tensor([-2, 0, 2]), 0.5).toArray() // => [0, 0.5, 1]
 * ```
 */
export const heaviside: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'heaviside',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      out[outAt + i * outStep] = value > 0 ? 1 : value < 0 ? 0 : value === 0 ? y[yAt + i * yStep]! : value
    }
  },
  derivatives: [0, ({ inputs }) => equal(inputs[0]!, 0)],
  keeps: 'inputs',
  domains: ['nonzero', 'real'],
})
