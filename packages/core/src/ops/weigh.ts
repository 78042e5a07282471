import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { equal } from './equal.ts'
import { mul } from './mul.ts'
import { notEqual } from './notEqual.ts'
import { sub } from './sub.ts'
import { where } from './where.ts'

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
  derivatives: [
    // At c = 0 the product is 0 for every d: its derivative is d, but 0 where d is infinite (d - d is 0 for finite d only).
    ({ inputs: [c, d] }) => where(mul(equal(c!, 0), notEqual(sub(d!, d!), 0)), 0, d!),
    ({ inputs: [c] }) => c!,
  ],
  keeps: 'inputs',
  domains: ['nonzero', 'real'],
})
