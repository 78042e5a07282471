import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { equal } from './equal.ts'
import { less } from './less.ts'
import { tieAttributes, tieShare } from './maximum.ts'

/**
 * The smaller of x and y, broadcast; NaN when either is NaN. The cotangent goes to the smaller one.
 *
 * Kink policy: the subgradient of least norm. A tie between tensors splits the cotangent in halves; beside a plain number
 * it gives 0.
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
    ({ inputs: [x, y], attributes }) => tieShare(less(x!, y!), equal(x!, y!), attributes),
    ({ inputs: [x, y], attributes }) => tieShare(less(y!, x!), equal(x!, y!), attributes),
  ],
  keeps: 'inputs',
  attributesOf: tieAttributes,
  domains: ['distinct', 'distinct'],
})
