/** What a derivative may be where a function has none: numbers between the slopes nearby. */
import { AdjointError, Rng, type Tensor, tensor } from '@adjoint/core'

/** The terms of a sum, as a function of tensors in float64. */
export type Terms = (point: readonly Tensor[]) => readonly number[]

/** The smallest and the largest slope near a point. */
export interface Slopes {
  readonly low: number
  readonly high: number
}

/** Slopes are taken around the point at two distances; where they depend on the distance there is no kink but a pole. */
const [FAR, NEAR] = [1e-4, 1e-5]
/** Steps are that much shorter than the distances, so that few of them lead across a kink. */
const SHORTER = 0.01
const POINTS = 48

/** Relative to the largest slope: how far apart slopes are at a kink, and how exact they are. */
const KINK = 0.01
const SLACK = 1e-3

/**
 * The slopes of a sum by one element, near a point at which it has a kink: every number between them is an element of
 * Clarke's generalized gradient, in that coordinate. Undefined where the sum is smooth, jumps, or has a pole: there is no
 * choice then. Slopes are difference quotients of values at points around the given one, so no gradient rule is asked.
 *
 * @param isShifted which of the tensors the points differ in; `element` of tensor `by` varies in any case.
 * @param oneSided whether to count the quotients to both sides of the point itself; not where the terms contain a
 * derivative, whose choice at the kink would justify itself.
 */
export function slopesAtKink(
  terms: Terms,
  point: readonly Tensor[],
  { by, element, isShifted, oneSided }: Variation,
): Slopes | undefined {
  const rng = new Rng(0)
  const values = point.map(x => Float64Array.from(x.data()))
  const at = (changed: readonly Float64Array[]): readonly number[] =>
    terms(changed.map((data, i) => tensor(data, { shape: point[i]!.shape, dtype: 'float64' }) as Tensor))
  /** The quotient between two offsets of the element. */
  const quotient = (from: readonly Float64Array[], left: number, right: number): number | undefined => {
    const [before, after] = [left, right].map(offset =>
      at(
        from.map((data, i) =>
          i === by ? data.map((value, k) => (k === element ? value + offset : value)) : data,
        ),
      ),
    )
    const rise = riseOf(before!, after!)
    return rise === undefined ? undefined : rise / (right - left)
  }
  const width = Math.max(1, Math.abs(values[by]![element]!))
  /** A quotient that halving its steps does not change: no jump, and no kink in between. */
  const slope = (from: readonly Float64Array[], left: number, right: number): number[] => {
    const whole = quotient(from, left, right)
    const half = quotient(from, left / 2, right / 2)
    if (whole === undefined || half === undefined) return []
    return Math.abs(whole - half) <= 1e-6 + SLACK * Math.max(Math.abs(whole), Math.abs(half)) ? [half] : []
  }
  const around = (distance: number): Slopes => {
    const step = distance * SHORTER * width
    const found = oneSided ? [...slope(values, -step, 0), ...slope(values, 0, step)] : []
    for (let i = 0; i < POINTS; i++) {
      const moved = values.map((data, k) =>
        isShifted(k)
          ? data.map(value =>
              Number.isFinite(value)
                ? value + distance * Math.max(1, Math.abs(value)) * (2 * rng.next() - 1)
                : value,
            )
          : data,
      )
      found.push(...slope(moved, -step, step))
    }
    return { low: Math.min(...found), high: Math.max(...found) }
  }
  try {
    const [far, near] = [around(FAR), around(NEAR)]
    const largest = Math.max(Math.abs(near.low), Math.abs(near.high))
    const isStable =
      Math.abs(far.low - near.low) <= KINK * largest && Math.abs(far.high - near.high) <= KINK * largest
    if (!Number.isFinite(largest) || !isStable || near.high - near.low <= KINK * largest) return undefined
    return { low: near.low - SLACK * largest, high: near.high + SLACK * largest }
  } catch (error) {
    if (!(error instanceof AdjointError)) throw error
    // Points around this one are outside of what the op takes.
    return undefined
  }
}

/** Settings of {@link slopesAtKink}. */
export interface Variation {
  readonly by: number
  readonly element: number
  readonly isShifted: (tensor: number) => boolean
  readonly oneSided: boolean
}

/** The sum of the differences of terms; a term that has no finite value on either side has none to add. */
function riseOf(before: readonly number[], after: readonly number[]): number | undefined {
  if (before.length !== after.length) return undefined
  let rise = 0
  for (const [i, a] of before.entries()) {
    const b = after[i]!
    if (Object.is(a, b)) continue
    if (!Number.isFinite(a) || !Number.isFinite(b)) return undefined
    rise += b - a
  }
  return rise
}
