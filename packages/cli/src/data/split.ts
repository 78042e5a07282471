/** Which examples a network learns from, and which it has never seen. */
import type { Rng } from '@adjoint/core'

/** Positions of examples in the data set. */
export interface Split {
  readonly train: readonly number[]
  readonly test: readonly number[]
}

/**
 * Holds out a random fifth of `count` examples. The generator decides which, so that one seed gives one split.
 *
 * @throws RangeError when there are too few examples for both parts.
 */
export function splitExamples(count: number, rng: Rng): Split {
  const held = Math.round(count / 5)
  if (!(held > 0)) throw new RangeError(`split: ${count} examples are too few to hold out a fifth of them.`)
  const order = [...rng.permutation(count)]
  return { test: order.slice(0, held), train: order.slice(held) }
}
