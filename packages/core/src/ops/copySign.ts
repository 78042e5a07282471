import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { mul } from './mul.ts'
import { sign } from './sign.ts'

/** Whether a number carries a minus sign: -0 does, NaN counts as positive. */
function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0)
}

/**
 * |x| with the sign of y, broadcast; a y of -0 is negative. `d copySign = ±dx`, and nothing for y.
 *
 * Kink policy: the derivative at x = 0 is 0, as for abs.
 *
 * @example
 * ```ts
 * import { copySign, tensor } from '@adjoint/core'
 * copySign(tensor([1, -2, 3]), tensor([-1, 5, -0])).toArray() // => [-1, 2, -3]
 * ```
 */
export const copySign: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'copySign',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const size = Math.abs(x[xAt + i * xStep]!)
      out[outAt + i * outStep] = isNegative(y[yAt + i * yStep]!) ? -size : size
    }
  },
  derivatives: [({ inputs: [x, y] }) => mul(sign(x!), copySign(1, y!)), 0],
  keeps: 'inputs',
  domains: ['nonzero', 'nonzero'],
})
