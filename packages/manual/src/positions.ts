/** Positions in arrays of any number of axes, for layers over signals, images and volumes. */
import { type NumericArray, sizeOf } from './array.ts'

/** The last axes of an array are its space; in front of them every entry has a plane of its own. */
export interface Planes {
  readonly lead: readonly number[]
  readonly space: readonly number[]
  /** How many planes there are, and how many entries each has. */
  readonly count: number
  readonly size: number
}

/** An array seen as planes over its last `axes` axes. */
export function planesOf(x: NumericArray, axes: number): Planes {
  const lead = x.shape.slice(0, x.shape.length - axes)
  const space = x.shape.slice(x.shape.length - axes)
  return { lead, space, count: sizeOf(lead), size: sizeOf(space) }
}

/** Calls `visit` with every position of a box, the last axis fastest, and with its number. The array is used again. */
export function forEachPosition(
  sizes: readonly number[],
  visit: (position: readonly number[], number: number) => void,
): void {
  const total = sizeOf(sizes)
  const position = new Array<number>(sizes.length)
  for (let number = 0; number < total; number++) {
    let rest = number
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      position[axis] = rest % sizes[axis]!
      rest = Math.floor(rest / sizes[axis]!)
    }
    visit(position, number)
  }
}

/** The number of a position, -1 when it lies outside of the box. */
export function numberOf(position: readonly number[], sizes: readonly number[]): number {
  let number = 0
  for (let axis = 0; axis < sizes.length; axis++) {
    const at = position[axis]!
    if (at < 0 || at >= sizes[axis]!) return -1
    number = number * sizes[axis]! + at
  }
  return number
}
