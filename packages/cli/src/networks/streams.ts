/** Where randomness comes from: one seed, and from it three streams that do not disturb each other. */
import { Rng } from '@adjoint/core'

export interface Streams {
  /** Which examples are held out. */
  readonly split: Rng
  /** The first values of the parameters. */
  readonly initial: Rng
  /** The order of the minibatches. */
  readonly shuffle: Rng
}

/** The streams of a seed, new for each experiment, so that all experiments on the same data see the same split. */
export function streamsOf(seed: number): Streams {
  const [split, initial, shuffle] = new Rng(seed).split(3)
  return { split, initial, shuffle }
}
