import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { equal } from './equal.ts'
import { less } from './less.ts'
import { tieShare } from './maximum.ts'

/**
 * The smaller of x and y, broadcast; NaN when either is NaN. The cotangent goes to the smaller one.
 *
 * Kink policy: a tie between tensors splits the cotangent in halves, the subgradient of least norm.
 */
export const minimum: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'minimum',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = Math.min(x[xAt + i * xStep]!, y[yAt + i * yStep]!)
    }
  },
  derivatives: [
    ({ inputs: [x, y] }) => tieShare(less(x!, y!), equal(x!, y!)),
    ({ inputs: [x, y] }) => tieShare(less(y!, x!), equal(x!, y!)),
  ],
  keeps: 'inputs',
  domains: ['distinct', 'distinct'],
})
