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

/** The largest of three fourth differences of noise is about so many times the median of its second ones. */
const FOURTH = 6

/**
 * The rounding of the values of φ near 0: what second or fourth differences leave of them, and at least one rounding of
 * `magnitude`, the size of the terms that φ adds up. At two distances, because a function that is rounded to coarse steps
 * looks flat from near. The lesser of two estimates: the median of the second differences, as a kink in between shows in
 * one or two of them only, and the largest fourth difference, which sees less of the curvature of a function that changes
 * quickly.
 */
export function noiseNearZero(
  phi: (t: number) => number,
  magnitude: number,
  dtype: Precision['dtype'],
): number {
  const [epsilon, distances] = dtype === 'float64' ? [Number.EPSILON, [1e-9, 1e-6]] : [2 ** -23, [1e-5, 1e-3]]
  const bends = distances.map(distance => {
    const values = [-3, -2, -1, 0, 1, 2, 3].map(k => phi(k * distance))
    const second = [1, 2, 3, 4, 5].map(k => values[k - 1]! - 2 * values[k]! + values[k + 1]!)
    const fourth = [1, 2, 3].map(k => second[k - 1]! - 2 * second[k]! + second[k + 1]!)
    const median = second.map(Math.abs).sort((x, y) => x - y)[2]!
    return Math.min(median, Math.max(...fourth.map(Math.abs)) / FOURTH)
  })
  const stairs = dtype === 'float64' ? stairHeight(phi) : 0
  return Math.max(epsilon * magnitude, stairs, ...bends.filter(Number.isFinite))
}

/**
 * The height of one stair when the values of φ are rounded so coarsely that it is flat from near, at 0 and on both sides of
 * it, and yet not constant: as (x + 1e8) − 1e8, which moves in steps of 1.5e-8. Otherwise 0. A function that is flat only
 * around 0, between two kinks, is no staircase.
 */
export function stairHeight(phi: (t: number) => number): number {
  const around = (centre: number, distance: number): number[] =>
    [-3, -2, -1, 0, 1, 2, 3].map(k => phi(centre + k * distance))
  const isFlat = (centre: number): boolean => new Set(around(centre, 1e-6)).size <= 2
  if (![0, -7e-3, 7e-3].every(isFlat)) return 0
  const [near, between, far] = [1e-5, 1e-4, 1e-3].map(distance => {
    const values = around(0, distance)
    return values.slice(1).map((value, k) => Math.abs(value - values[k]!))
  })
  // One jump, or one on each side, is no staircase either.
  if (far!.filter(jump => jump > 0).length < 3) return 0
  const jumps = [...near!, ...between!, ...far!]
  return jumps.reduce((least, jump) => (jump > 0 && (least === 0 || jump < least) ? jump : least), 0)
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

/**
 * φ'(0) from four values: two central differences, extrapolated to step 0. Nothing is known about its error, so it may
 * confirm a derivative, not refute one.
 */
export function quickSlope(phi: (t: number) => number): number {
  const [wide, narrow] = [centralQuotient(phi, 2 ** -8), centralQuotient(phi, 2 ** -8 / SHRINK)]
  return (SHRINK * SHRINK * narrow - wide) / (SHRINK * SHRINK - 1)
}

/** (φ(h) - φ(-h)) / 2h */
export function centralQuotient(phi: (t: number) => number, step: number): number {
  return (phi(step) - phi(-step)) / (2 * step)
}

/** Quotients for steps from 1e-2 to 1e-9 of a unit: on a smooth function they settle on a plateau before rounding takes over. */
export function scanSteps(phi: (t: number) => number, unit: number): ScannedStep[] {
  return Array.from({ length: 8 }, (_, k) => {
    const step = unit * 10 ** -(k + 2)
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
 * proportion to the step, at a kink they keep their distance. Each side must also keep its own slope, as it does not where
 * the steps leap over many oscillations.
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
  const [wide, middle, narrow] = dtype === 'float64' ? [1e-4, 1e-5, 1e-6] : [0.1, 0.03, 0.01]
  const [far, between, near] = [sides(wide), sides(middle), sides(narrow)]
  const gap = Math.abs(near.right - near.left)
  const size = Math.max(Math.abs(near.left), Math.abs(near.right))
  const isOpen = gap > 1e-3 * size + (8 * noise) / narrow && gap > 0.3 * Math.abs(far.right - far.left)
  const isSteady =
    Math.abs(near.left - between.left) <= 0.3 * gap && Math.abs(near.right - between.right) <= 0.3 * gap
  return isOpen && isSteady ? near : undefined
}
