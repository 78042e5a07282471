import { binary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'
import { add } from './add.ts'
import { equal } from './equal.ts'
import { greater } from './greater.ts'
import { tieAttributes, tieShare } from './maximum.ts'
import { mul } from './mul.ts'
import { notEqual } from './notEqual.ts'

/**
 * The larger of x and y, broadcast, where NaN counts as missing: the other operand wins, and the result is NaN only where
 * both are. The cotangent goes to the winner; `maximum` lets NaN through instead.
 *
 * Kink policy: the subgradient of least norm. A tie between tensors splits the cotangent in halves; beside a plain number
 * it gives 0. Where both are NaN, x counts as the winner.
 *
 * @example
 * ```ts
 * import { fmax, tensor } from '@adjoint/core'
 * fmax(tensor([1, NaN]), tensor([NaN, 2])).toArray() // => [1, 2]
 * ```
 */
export const fmax: Op<BinaryOp> = /* @__PURE__ */ binary({
  name: 'fmax',
  dtype: 'number',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const [left, right] = [x[xAt + i * xStep]!, y[yAt + i * yStep]!]
      out[outAt + i * outStep] = Number.isNaN(left)
        ? right
        : Number.isNaN(right)
          ? left
          : Math.max(left, right)
    }
  },
  derivatives: [
    ({ inputs: [x, y], attributes }) =>
      tieShare(add(greater(x!, y!), notEqual(y!, y!)), equal(x!, y!), attributes),
    ({ inputs: [x, y], attributes }) =>
      tieShare(add(greater(y!, x!), mul(notEqual(x!, x!), equal(y!, y!))), equal(x!, y!), attributes),
  ],
  keeps: 'inputs',
  attributesOf: tieAttributes,
  domains: ['distinct', 'distinct'],
})
