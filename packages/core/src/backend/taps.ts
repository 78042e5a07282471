/**
 * Linear maps along one axis with few terms in each row: averages of windows, and values between pixels. A map is the
 * list of its terms, row by row; what it costs is their number, not the product of the two sizes.
 */

import type { TypedArray } from '../storage/dtype.ts'

/** Row i of the map is `Σ weights[t] x[places[t]]` over t from `firsts[i]` up to `firsts[i + 1]`. */
export interface Taps {
  /** Size of the axis that is read. */
  readonly size: number
  readonly firsts: Int32Array
  readonly places: Int32Array
  readonly weights: Float64Array
}

/** The map with rows and columns exchanged: the terms of each place, in the order of the rows. */
export function transposedTaps({ size, firsts, places, weights }: Taps): Taps {
  const rows = firsts.length - 1
  const starts = new Int32Array(size + 1)
  for (let t = 0; t < places.length; t++) starts[places[t]! + 1]!++
  for (let i = 0; i < size; i++) starts[i + 1]! += starts[i]!
  const next = starts.slice(0, size)
  const transposed = new Int32Array(places.length)
  const values = new Float64Array(places.length)
  for (let row = 0; row < rows; row++) {
    for (let t = firsts[row]!; t < firsts[row + 1]!; t++) {
      const to = next[places[t]!]!++
      transposed[to] = row
      values[to] = weights[t]!
    }
  }
  return { size: rows, firsts: starts, places: transposed, weights: values }
}

/** Whether the map changes nothing. */
export function isIdentity({ size, firsts, places, weights }: Taps): boolean {
  if (firsts.length !== size + 1 || places.length !== size) return false
  for (let i = 0; i < size; i++)
    if (firsts[i + 1] !== i + 1 || places[i] !== i || weights[i] !== 1) return false
  return true
}

/** Applies a map to the middle axis of `[outer, size, inner]`, row-major, and writes `[outer, rows, inner]`. */
export function applyTaps(
  { size, firsts, places, weights }: Taps,
  outer: number,
  inner: number,
  x: TypedArray,
  xAt: number,
  out: TypedArray,
  outAt: number,
): void {
  const rows = firsts.length - 1
  let to = outAt
  for (let block = 0; block < outer; block++) {
    const base = xAt + block * size * inner
    for (let row = 0; row < rows; row++) {
      const first = firsts[row]!
      const end = firsts[row + 1]!
      if (inner === 1) {
        let sum = 0
        for (let t = first; t < end; t++) sum += weights[t]! * x[base + places[t]!]!
        out[to++] = sum
      } else if (end - first === 1) {
        const weight = weights[first]!
        const from = base + places[first]! * inner
        for (let i = 0; i < inner; i++) out[to + i] = weight * x[from + i]!
        to += inner
      } else if (end - first === 2) {
        const weight = weights[first]!
        const from = base + places[first]! * inner
        const weight2 = weights[first + 1]!
        const from2 = base + places[first + 1]! * inner
        for (let i = 0; i < inner; i++) out[to + i] = weight * x[from + i]! + weight2 * x[from2 + i]!
        to += inner
      } else {
        for (let i = 0; i < inner; i++) {
          let sum = 0
          for (let t = first; t < end; t++) sum += weights[t]! * x[base + places[t]! * inner + i]!
          out[to++] = sum
        }
      }
    }
  }
}
