import { truncatedNormal as draw } from '@adjoint/core/functional'
import { expectRng, type Initializer } from './initializer.ts'

/** Settings of {@link truncatedNormal}. */
export interface TruncatedNormalOptions {
  /** Mean of the normal distribution that is cut off. Default 0. */
  readonly mean?: number
  /** Its standard deviation, which is larger than that of the entries. Default 0.02, the habit of transformers. */
  readonly std?: number
  /** Lower bound of the entries, not a multiple of std. Default mean − 2 std. */
  readonly low?: number
  /** Upper bound of the entries, not a multiple of std. Default mean + 2 std. */
  readonly high?: number
}

/**
 * Entries from the normal distribution that lie between two bounds.
 *
 * @throws ArgumentError, when it is called, unless mean and std are finite, std is above 0 and low below high.
 */
export function truncatedNormal({ std = 0.02, ...options }: TruncatedNormalOptions = {}): Initializer {
  return (shape, { rng, dtype }) => draw(expectRng('truncatedNormal', rng), shape, { std, ...options, dtype })
}
