import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { equal } from './equal.ts'
import { greater } from './greater.ts'
import { mul } from './mul.ts'

/** 1 for the winner, 0 for the loser, 1/2 for each at a tie. */
export function tieShare(wins: Tensor, ties: Tensor): Tensor {
  return add(wins, mul(ties, 0.5))
}

/**
 * The larger of x and y, broadcast; NaN when either is NaN. The cotangent goes to the larger one.
 *
 * Kink policy: a tie between tensors splits the cotangent in halves, the subgradient of least norm.
 */
export const maximum: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'maximum',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = Math.max(x[xAt + i * xStep]!, y[yAt + i * yStep]!)
    }
  },
  derivatives: [
    ({ inputs: [x, y] }) => tieShare(greater(x!, y!), equal(x!, y!)),
    ({ inputs: [x, y] }) => tieShare(greater(y!, x!), equal(x!, y!)),
  ],
  keeps: 'inputs',
  domains: ['distinct', 'distinct'],
})
