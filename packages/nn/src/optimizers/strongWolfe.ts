/** The line search of LBFGS. */

import { dot, largest } from './vectors.ts'

/** A point on the line: how far, and what was found there. */
export interface LinePoint {
  /** t, in units of the direction. */
  readonly step: number
  readonly loss: number
  readonly gradient: Float64Array
  /** The derivative by t: <gradient, direction>. */
  readonly slope: number
}

/** Settings of {@link strongWolfe}. */
export interface StrongWolfeOptions {
  /** c₁: the share of the decrease along the tangent that is asked for. Default 1e-4. */
  readonly sufficientDecrease?: number
  /** c₂: the share of the slope that may be left. Default 0.9. */
  readonly curvature?: number
  /** A bracket in which no element moves by more than this is not searched any further. Default 1e-9. */
  readonly tolerance?: number
  /** Most trials after the first. Default 25. */
  readonly maximumSteps?: number
}

export const STRONG_WOLFE: Required<StrongWolfeOptions> = {
  sufficientDecrease: 1e-4,
  curvature: 0.9,
  tolerance: 1e-9,
  maximumSteps: 25,
}

/** Where the search ended, and how often the loss was computed. */
export interface LineSearchResult {
  readonly point: LinePoint
  readonly evaluations: number
}

/**
 * Searches a t > 0 at which, with φ(t) = f(x + t d), both strong Wolfe conditions hold:
 *
 *     φ(t) ≤ φ(0) + c₁ t φ'(0)   and   |φ'(t)| ≤ c₂ |φ'(0)|
 *
 * First t grows until an interval must hold such a point, then the interval shrinks; trial points are minima of cubics
 * through two values and two slopes. Nocedal and Wright, Numerical optimization, algorithms 3.5 and 3.6. Where the book
 * leaves the choice, it is that of PyTorch: t grows by 1.01 to 10 times, and a trial near an end of the interval is moved a
 * tenth of it inwards, at once when it is outside and at the second time otherwise. A loss of NaN counts as too high, so that
 * the search comes back from where the loss is not defined.
 */
export function strongWolfe(
  evaluate: (step: number) => { readonly loss: number; readonly gradient: Float64Array },
  direction: Float64Array,
  start: LinePoint,
  first: number,
  { sufficientDecrease, curvature, tolerance, maximumSteps }: Required<StrongWolfeOptions>,
): LineSearchResult {
  let evaluations = 0
  const at = (step: number): LinePoint => {
    evaluations++
    const { loss, gradient } = evaluate(step)
    return { step, loss, gradient, slope: dot(gradient, direction) }
  }
  const isTooHigh = ({ step, loss }: LinePoint): boolean =>
    !(loss <= start.loss + sufficientDecrease * step * start.slope)
  const isFlat = ({ slope }: LinePoint): boolean => Math.abs(slope) <= -curvature * start.slope

  // An interval that holds a point with both properties.
  let previous = start
  let point = at(first)
  let bracket: [LinePoint, LinePoint] | undefined
  let trials = 0
  for (; trials < maximumSteps; trials++) {
    const isBelow = !isTooHigh(point) && !(trials > 1 && point.loss >= previous.loss)
    if (isBelow && isFlat(point)) return { point, evaluations }
    if (!isBelow || point.slope >= 0) {
      bracket = [previous, point]
      break
    }
    const [least, most] = [point.step + 0.01 * (point.step - previous.step), point.step * 10]
    const next = cubicMinimum(previous, point, least, most)
    previous = point
    point = at(next)
  }
  const ends = bracket ?? [start, point]
  let low = lowerOf(ends)
  if (bracket === undefined) return { point: ends[low], evaluations }

  const size = largest(direction)
  let wasNearEnd = false
  for (; trials < maximumSteps; trials++) {
    const [left, right] = [Math.min(ends[0].step, ends[1].step), Math.max(ends[0].step, ends[1].step)]
    if ((right - left) * size < tolerance) break
    let step: number = cubicMinimum(ends[0], ends[1], left, right)
    const margin = 0.1 * (right - left)
    const isNearEnd = Math.min(right - step, step - left) < margin
    const isMoved: boolean = isNearEnd && (wasNearEnd || step >= right || step <= left)
    if (isMoved) step = right - step < step - left ? right - margin : left + margin
    wasNearEnd = isNearEnd && !isMoved
    point = at(step)
    const high: 0 | 1 = low === 0 ? 1 : 0
    if (isTooHigh(point) || point.loss >= ends[low].loss) {
      ends[high] = point
      low = lowerOf(ends)
      continue
    }
    if (isFlat(point)) return { point, evaluations }
    if (point.slope * (ends[high].step - ends[low].step) >= 0) ends[high] = ends[low]
    ends[low] = point
  }
  return { point: ends[low], evaluations }
}

/** Which of two points is the lower one; the first, when both are equally low. */
function lowerOf([a, b]: readonly [LinePoint, LinePoint]): 0 | 1 {
  return b.loss < a.loss ? 1 : 0
}

/**
 * The minimum of the cubic with the values and slopes of two points, kept between `least` and `most`; the middle when the
 * cubic has none, or is too large to compute.
 */
function cubicMinimum(a: LinePoint, b: LinePoint, least: number, most: number): number {
  const [left, right] = a.step <= b.step ? [a, b] : [b, a]
  const width = right.step - left.step
  const mean = left.slope + right.slope - (3 * (left.loss - right.loss)) / (left.step - right.step)
  const discriminant = mean * mean - left.slope * right.slope
  if (!(discriminant >= 0)) return (least + most) / 2
  const root = Math.sqrt(discriminant)
  const step = right.step - width * ((right.slope + root - mean) / (right.slope - left.slope + 2 * root))
  return Number.isNaN(step) ? (least + most) / 2 : Math.min(Math.max(step, least), most)
}
