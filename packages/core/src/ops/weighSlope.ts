import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { equal } from './equal.ts'

/**
 * The derivative of `weigh(c, d)` with respect to c: d, but 0 where c is 0 and d is infinite or NaN, for there `weigh` is
 * 0. It keeps what did not contribute out of derivatives of every order. `d(weighSlope) = dd`, and 0 where d is not finite.
 */
export const weighSlope: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'weighSlope',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const slope = y[yAt + i * yStep]!
      const isIdle = x[xAt + i * xStep] === 0 && !Number.isFinite(slope)
      out[outAt + i * outStep] = isIdle ? 0 : slope
    }
  },
  derivatives: [0, ({ inputs, output }) => equal(inputs[1]!, output)],
  keeps: 'both',
  domains: ['nonzero', 'real'],
})
