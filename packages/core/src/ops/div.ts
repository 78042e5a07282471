import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { neg } from './neg.ts'

/**
 * x / y, broadcast. `d(x / y) = dx / y - (x / y) / y dy`
 *
 * Kink policy: infinite where y is 0; a cotangent that is exactly 0 contributes 0.
 */
export const div: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'div',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! / y[yAt + i * yStep]!
    }
  },
  derivatives: [({ inputs }) => div(1, inputs[1]!), ({ inputs, output }) => neg(div(output, inputs[1]!))],
  keeps: 'both',
  domains: ['real', 'nonzero'],
})
