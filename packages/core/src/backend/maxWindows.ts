/** Where the largest element of every window of a plane is. */

import type { TypedArray } from '../storage/dtype.ts'

/** The windows along one axis: window i has `counts[i]` elements from `firsts[i]` on, `step` apart. */
export interface AxisWindows {
  readonly size: number
  readonly firsts: Int32Array
  readonly counts: Int32Array
  readonly step: number
}

/** An axis that is not there: one element, one window. */
export const NO_AXIS: AxisWindows = /* @__PURE__ */ Object.freeze({
  size: 1,
  firsts: /* @__PURE__ */ Int32Array.of(0),
  counts: /* @__PURE__ */ Int32Array.of(1),
  step: 1,
})

/**
 * Writes the position in the plane of the largest element of every window, the first of equals; of a NaN, when there is
 * one. The plane is `[a.size, b.size, c.size]` from `at` on.
 */
export function largestInWindows(
  x: TypedArray,
  at: number,
  [a, b, c]: readonly [AxisWindows, AxisWindows, AxisWindows],
  out: TypedArray,
  outAt: number,
): void {
  let to = outAt
  for (let i = 0; i < a.firsts.length; i++) {
    for (let j = 0; j < b.firsts.length; j++) {
      for (let k = 0; k < c.firsts.length; k++) {
        const corner = (a.firsts[i]! * b.size + b.firsts[j]!) * c.size + c.firsts[k]!
        const deep = a.counts[i]!
        const high = b.counts[j]!
        const wide = c.counts[k]!
        let best = corner
        let largest = x[at + corner]!
        for (let p = 0; p < deep; p++) {
          for (let q = 0; q < high; q++) {
            let place = corner + (p * a.step * b.size + q * b.step) * c.size
            for (let r = 0; r < wide; r++, place += c.step) {
              const value = x[at + place]!
              // Only NaN is not itself.
              // biome-ignore lint/suspicious/noSelfCompare: cheaper than Number.isNaN in the innermost loop
              if (value > largest || value !== value) {
                largest = value
                best = place
              }
            }
          }
        }
        out[to++] = best
      }
    }
  }
}
