/** The derivative of a function of one number at 0, from its values alone, with an estimate of the error. */

/** A difference quotient at one step. */
export interface ScannedStep {
  readonly step: number
  /** (φ(h) - φ(-h)) / 2h */
  readonly quotient: number
}

/** What the values of a function say about its derivative at 0. */
export interface Slope {
  readonly value: number
  /** Estimate of how far {@link value} may be off. */
  readonly error: number
}

/** How precisely a function is computed, for the choice of steps. */
export interface Precision {
  /** Absolute rounding of its values, so that a quotient with step h is off by about noise / h. */
  readonly noise: number
  readonly dtype: 'float32' | 'float64'
}

/**
 * The rounding of the values of φ near 0: what second differences leave of them, and at least one rounding of `magnitude`,
 * the size of the terms that φ adds up. The median of several, at two distances, because a kink in between shows in one or
 * two of them only, and a function that is rounded to coarse steps looks flat from near.
 */
export function noiseNearZero(
  phi: (t: number) => number,
  magnitude: number,
  dtype: Precision['dtype'],
): number {
  const [epsilon, distances] = dtype === 'float64' ? [Number.EPSILON, [1e-9, 1e-6]] : [2 ** -23, [1e-5, 1e-3]]
  const bends = distances.map(distance => {
    const values = [-3, -2, -1, 0, 1, 2, 3].map(k => phi(k * distance))
    const found = [1, 2, 3, 4, 5].map(k => Math.abs(values[k - 1]! - 2 * values[k]! + values[k + 1]!))
    return found.sort((x, y) => x - y)[2]!
  })
  return Math.max(epsilon * magnitude, ...bends.filter(Number.isFinite))
}

/** Each step is a quarter of the one before it. */
const SHRINK = 4

/**
 * φ'(0) by C. Ridders' method ("Accurate computation of F'(x) and F'(x) F''(x)", Advances in Engineering Software 4,
 * 1982): central differences with shrinking steps, extrapolated to step 0; the result with the smallest error estimate is
 * taken, unless smaller steps contradict it. Steps over a kink or out of the domain (NaN) only lose their share.
 */
export function slopeAtZero(phi: (t: number) => number, { noise, dtype }: Precision): Slope {
  const [first, count, epsilon] = dtype === 'float64' ? [1e-2, 11, Number.EPSILON] : [0.2, 6, 2 ** -23]
  let best: Slope = { value: Number.NaN, error: Number.POSITIVE_INFINITY }
  let previous: number[] = []
  let step = first
  for (let k = 0; k < count; k++, step /= SHRINK) {
    const [low, high] = [phi(-step), phi(step)]
    const quotient = (high - low) / (2 * step)
    if (Number.isNaN(quotient)) {
      previous = []
      continue
    }
    // The arguments are rounded too, as much as φ changes over a step of 1.
    const size = Math.max(Math.abs(low), Math.abs(high), Math.abs(quotient))
    const rounding = Math.max(noise, epsilon * size) / step
    const current = [quotient]
    let found: Slope = { value: quotient, error: Number.POSITIVE_INFINITY }
    let weight = 1
    for (let j = 0; j < previous.length; j++) {
      // The error of a central difference is a series in h²: each column removes its next term.
      weight *= SHRINK * SHRINK
      const value = (weight * current[j]! - previous[j]!) / (weight - 1)
      current.push(value)
      const error = Math.max(Math.abs(value - current[j]!), Math.abs(value - previous[j]!)) + rounding
      if (error < found.error) found = { value, error }
    }
    previous = current
    // Smaller steps see less of what is not at the point: where the two contradict each other, they are right.
    const contradicts = Math.abs(found.value - best.value) > 3 * (found.error + best.error)
    if (found.error < best.error || contradicts) best = found
    if (k >= 3 && best.error <= 1e-11 * Math.abs(best.value)) break
  }
  return best
}

/** (φ(h) - φ(-h)) / 2h */
export function centralQuotient(phi: (t: number) => number, step: number): number {
  return (phi(step) - phi(-step)) / (2 * step)
}

/** Quotients for steps from 1e-2 to 1e-9: on a smooth function they settle on a plateau before rounding takes over. */
export function scanSteps(phi: (t: number) => number): ScannedStep[] {
  return Array.from({ length: 8 }, (_, k) => {
    const step = 10 ** -(k + 2)
    return { step, quotient: centralQuotient(phi, step) }
  })
}

/** The slopes on either side of a kink at (or very near) 0. */
export interface OneSidedSlopes {
  readonly left: number
  readonly right: number
}

/**
 * The one-sided slopes when they differ, `undefined` for a smooth function: there the two sides approach each other in
 * proportion to the step, at a kink they keep their distance.
 */
export function kinkAtZero(
  phi: (t: number) => number,
  { noise, dtype }: Precision,
): OneSidedSlopes | undefined {
  const centre = phi(0)
  const sides = (step: number): OneSidedSlopes => ({
    left: (centre - phi(-step)) / step,
    right: (phi(step) - centre) / step,
  })
  const [wide, narrow] = dtype === 'float64' ? [1e-4, 1e-6] : [0.1, 0.01]
  const [far, near] = [sides(wide), sides(narrow)]
  const farGap = Math.abs(far.right - far.left)
  const nearGap = Math.abs(near.right - near.left)
  const size = Math.max(Math.abs(near.left), Math.abs(near.right))
  const rounding = (8 * noise) / narrow
  const opens = nearGap > 1e-3 * size + rounding && nearGap > 0.3 * farGap
  return opens ? near : undefined
}
