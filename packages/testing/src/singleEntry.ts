/** The derivative with respect to a single number of the inputs, from the values of the function alone. */

import { kinkAtZero, type OneSidedSlopes, type Slope, slopeAtZero } from './differenceQuotient.ts'
import {
  alongDirection,
  dot,
  type GradientProblem,
  type LeafValues,
  type Line,
  valuesOf,
} from './gradientProblem.ts'

/** One number of the inputs. */
export interface Entry {
  readonly leaf: number
  readonly position: number
}

/** The direction of one entry, with a given length. */
export function alongEntry(problem: GradientProblem, { leaf, position }: Entry, length: number): LeafValues {
  return problem.leaves.map((x, i) => {
    const direction = new Float64Array(x.size)
    if (i === leaf) direction[position] = length
    return direction
  })
}

/** How far an entry that is 0 may be moved: by a share of the size of its neighbours, or 1. */
export function lengthAtZero(values: Float64Array): number {
  const rms = Math.sqrt(dot(values, values) / Math.max(1, values.length))
  return rms === 0 ? 1 : rms / 100
}

/**
 * In proportion to what an entry of `values` may be moved, ascending. Its own size comes first: that never leaves a domain
 * such as the one of log. Where other terms are much larger, a smooth function is better resolved by the longer ones.
 */
export function lengthsOf(values: Float64Array, position: number): readonly number[] {
  const candidates = [Math.abs(values[position]!), lengthAtZero(values), 1]
  return candidates.filter((length, k) => length > Math.max(0, ...candidates.slice(0, k)))
}

/** The derivative with respect to an entry, with what it was read from. */
export interface EntrySlope extends Slope {
  /** The function along the entry; 1 is `length`. */
  readonly line: Line
  readonly length: number
}

/**
 * The slope at the first length at which the quotient settles, otherwise the one with the least error. The last resort is a
 * length that suits a function which changes on a much smaller scale than the entry. `noise` is a rounding of the function
 * that was seen elsewhere; along a single entry it may not show.
 */
export function entrySlope(problem: GradientProblem, u: Float64Array, entry: Entry, noise = 0): EntrySlope {
  let best: EntrySlope | undefined
  const lengths = lengthsOf(valuesOf(problem.leaves[entry.leaf]!), entry.position)
  for (const length of [...lengths, lengths[0]! / 1000]) {
    const line = alongDirection(problem, u, alongEntry(problem, entry, length))
    const slope = slopeAtZero(line.phi, { ...line, noise: Math.max(noise, line.noise) })
    const found = { value: slope.value / length, error: slope.error / length, line, length }
    if (best === undefined || found.error < best.error) best = found
    if (best.error <= 1e-8 * Math.abs(best.value)) break
  }
  return best!
}

/** The one-sided slopes with respect to an entry when they differ. */
export function entryKink({ line, length }: EntrySlope): OneSidedSlopes | undefined {
  const found = kinkAtZero(line.phi, line)
  return found && { left: found.left / length, right: found.right / length }
}
