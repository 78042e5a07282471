import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

import { weighSlope } from './weighSlope.ts'

/**
 * A cotangent times a local derivative, where a cotangent that is exactly 0 gives 0 whatever the derivative: the product
 * that every elementwise rule is made of. It keeps infinite derivatives (√ at 0, log at 0) of branches that did not
 * contribute from turning into NaN. `d(weigh(c, d)) = weigh(dc, d) + c dd`
 */
export const weigh: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'weigh',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const cotangent = x[xAt + i * xStep]!
      out[outAt + i * outStep] = cotangent === 0 ? 0 : cotangent * y[yAt + i * yStep]!
    }
  },
  derivatives: [({ inputs: [c, d] }) => weighSlope(c!, d!), ({ inputs: [c] }) => c!],
  keeps: 'inputs',
  domains: ['nonzero', 'real'],
})
