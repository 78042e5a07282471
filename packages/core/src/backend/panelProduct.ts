/** The inner loop of products whose operands were packed for it: panels of float64, read from one end to the other. */

/** Rows of the left operand that lie side by side in a panel. */
export const PANEL_ROWS = 2

/** Columns of the right operand that lie side by side in a panel. */
export const PANEL_COLUMNS = 4

/**
 * Adds the product of an [m, k] and a [k, n] matrix to `out`, [m, n] in row-major order; m and n are multiples of
 * {@link PANEL_ROWS} and {@link PANEL_COLUMNS}. `x` holds pairs of rows, entry by entry, from `xAt` on; `y` holds groups of
 * four columns in the same way. Both are read in the order in which they lie in memory, and eight sums are kept at a time.
 * The sizes of a panel are written as numbers in the loop: an imported constant is read anew each time.
 */
export function panelProduct(
  m: number,
  k: number,
  n: number,
  x: Float64Array,
  xAt: number,
  y: Float64Array,
  out: Float64Array,
): void {
  for (let j = 0; j < n; j += 4) {
    for (let i = 0; i < m; i += 2) {
      let a0 = 0
      let a1 = 0
      let a2 = 0
      let a3 = 0
      let b0 = 0
      let b1 = 0
      let b2 = 0
      let b3 = 0
      let at = j * k
      let from = xAt + i * k
      const end = from + 2 * k
      while (from < end) {
        const a = x[from]!
        const b = x[from + 1]!
        const y0 = y[at]!
        const y1 = y[at + 1]!
        const y2 = y[at + 2]!
        const y3 = y[at + 3]!
        a0 += a * y0
        a1 += a * y1
        a2 += a * y2
        a3 += a * y3
        b0 += b * y0
        b1 += b * y1
        b2 += b * y2
        b3 += b * y3
        from += 2
        at += 4
      }
      const target = i * n + j
      out[target]! += a0
      out[target + 1]! += a1
      out[target + 2]! += a2
      out[target + 3]! += a3
      out[target + n]! += b0
      out[target + n + 1]! += b1
      out[target + n + 2]! += b2
      out[target + n + 3]! += b3
    }
  }
}
