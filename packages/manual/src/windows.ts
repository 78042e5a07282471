/** Windows that slide over space, as pooling has them. */
import { forEachPosition, numberOf } from './positions.ts'

/** Where windows lie: for each axis their size, the way to the next one, the padding, and the way between neighbours. */
export interface Windows {
  readonly kernel: readonly number[]
  readonly stride: readonly number[]
  readonly padding?: readonly number[]
  readonly dilation?: readonly number[]
  /** Whether a last window may reach over what is left over. Default false. */
  readonly ceilMode?: boolean
}

/**
 * How many windows there are along each axis: ⌊(n + 2p − d (k − 1) − 1) / s⌋ + 1. With ceilMode the quotient is rounded up, but
 * a window that would begin behind the end and its padding is none.
 */
export function countWindows(
  space: readonly number[],
  { kernel, stride, padding, dilation, ceilMode }: Windows,
): number[] {
  return space.map((n, axis) => {
    const [k, s, p, d] = [kernel[axis]!, stride[axis]!, padding?.[axis] ?? 0, dilation?.[axis] ?? 1]
    const quotient = (n + 2 * p - d * (k - 1) - 1) / s
    if (!ceilMode) return Math.floor(quotient) + 1
    const count = Math.ceil(quotient) + 1
    return (count - 1) * s >= n + p ? count - 1 : count
  })
}

/**
 * Calls `visit` with the numbers of the entries of one window, in order: entry j of window i is at i s − p + j d along each
 * axis. Entries in the padding are left out.
 */
export function forEachInWindow(
  window: readonly number[],
  space: readonly number[],
  { kernel, stride, padding, dilation }: Windows,
  visit: (number: number) => void,
): void {
  const at = new Array<number>(space.length)
  forEachPosition(kernel, j => {
    for (let axis = 0; axis < space.length; axis++) {
      const start = window[axis]! * stride[axis]! - (padding?.[axis] ?? 0)
      at[axis] = start + j[axis]! * (dilation?.[axis] ?? 1)
    }
    const number = numberOf(at, space)
    if (number >= 0) visit(number)
  })
}

/** Part i of n entries in m parts: from ⌊i n/m⌋ up to ⌈(i + 1) n/m⌉. Calls `visit` with the numbers of its entries. */
export function forEachInPart(
  part: readonly number[],
  parts: readonly number[],
  space: readonly number[],
  visit: (number: number) => void,
): void {
  const first = space.map((n, axis) => Math.floor((part[axis]! * n) / parts[axis]!))
  const sizes = space.map((n, axis) => Math.ceil(((part[axis]! + 1) * n) / parts[axis]!) - first[axis]!)
  forEachPosition(sizes, j =>
    visit(
      numberOf(
        first.map((start, axis) => start + j[axis]!),
        space,
      ),
    ),
  )
}
