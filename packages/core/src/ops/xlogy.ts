import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { div } from './div.ts'
import { equal } from './equal.ts'
import { lessEqual } from './lessEqual.ts'
import { log } from './log.ts'
import { mul } from './mul.ts'
import { where } from './where.ts'

/**
 * x log y, broadcast, and 0 where x is 0 whatever y is, unless y is NaN: the term of an entropy.
 * `d xlogy = log y dx + x / y dy`
 *
 * Kink policy: where x is 0 and y is 0 or below, both derivatives are 0.
 *
 * @example
 * ```ts
 * import { tensor, xlogy } from '@adjoint/core'
 * xlogy(tensor([0, 0, 2]), tensor([0, -1, 1])).toArray() // => [0, 0, 0]
 * ```
 */
export const xlogy: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'xlogy',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const [factor, value] = [x[xAt + i * xStep]!, y[yAt + i * yStep]!]
      out[outAt + i * outStep] = Number.isNaN(value) || factor !== 0 ? factor * Math.log(value) : 0
    }
  },
  derivatives: [
    ({ inputs: [x, y] }) => where(mul(equal(x!, 0), lessEqual(y!, 0)), 0, log(y!)),
    ({ inputs: [x, y] }) => where(mul(equal(x!, 0), lessEqual(y!, 0)), 0, div(x!, y!)),
  ],
  keeps: 'inputs',
  domains: ['real', 'positive'],
})
