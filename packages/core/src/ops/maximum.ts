import { binary } from '../primitive/elementwise.ts'
import { NO_ATTRIBUTES, type Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import type { Attributes } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { add } from './add.ts'
import { equal } from './equal.ts'
import { greater } from './greater.ts'
import { mul } from './mul.ts'

/** What a tie gives: halves between tensors; 0 beside a plain number, which is no input to share with. */
export function tieAttributes(x: Tensor | number, y: Tensor | number): Attributes {
  return typeof x === 'number' || typeof y === 'number' ? BESIDE_NUMBER : NO_ATTRIBUTES
}

const BESIDE_NUMBER: Attributes = { tie: 0 }

/** 1 for the winner, 0 for the loser, and for each of both at a tie what the call says. */
export function tieShare(wins: Tensor, ties: Tensor, { tie = 0.5 }: Attributes): Tensor {
  return tie === 0 ? wins : add(wins, mul(ties, tie as number))
}

/**
 * The larger of x and y, broadcast; NaN when either is NaN. The cotangent goes to the larger one.
 *
 * Kink policy: the subgradient of least norm. A tie between tensors splits the cotangent in halves; beside a plain number
 * it gives 0.
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
    ({ inputs: [x, y], attributes }) => tieShare(greater(x!, y!), equal(x!, y!), attributes),
    ({ inputs: [x, y], attributes }) => tieShare(greater(y!, x!), equal(x!, y!), attributes),
  ],
  keeps: 'inputs',
  attributesOf: tieAttributes,
  domains: ['distinct', 'distinct'],
})
