/** The reference matrix product: plain loops over strided operands, added up in float64. */

import type { Strided } from './strided.ts'

/**
 * Writes the product of an [m, k] and a [k, n] matrix, the last two axes of `x` and `y` from the given positions on,
 * into `out` from `outAt` on, in row-major order. Four columns of the result are computed side by side, so that an
 * element of `x` is loaded once for all of them.
 */
export function matrixProduct(
  m: number,
  k: number,
  n: number,
  x: Strided,
  xAt: number,
  y: Strided,
  yAt: number,
  out: Strided,
  outAt: number,
): void {
  const xRow = x.strides[x.strides.length - 2]!
  const xStep = x.strides[x.strides.length - 1]!
  const yStep = y.strides[y.strides.length - 2]!
  const yColumn = y.strides[y.strides.length - 1]!
  const left = x.storage
  const right = y.storage
  const result = out.storage
  for (let i = 0; i < m; i++) {
    const row = xAt + i * xRow
    const target = outAt + i * n
    let j = 0
    for (; j + 3 < n; j += 4) {
      let total0 = 0
      let total1 = 0
      let total2 = 0
      let total3 = 0
      let from = row
      let at0 = yAt + j * yColumn
      let at1 = at0 + yColumn
      let at2 = at1 + yColumn
      let at3 = at2 + yColumn
      for (let p = 0; p < k; p++) {
        const value = left[from]!
        total0 += value * right[at0]!
        total1 += value * right[at1]!
        total2 += value * right[at2]!
        total3 += value * right[at3]!
        from += xStep
        at0 += yStep
        at1 += yStep
        at2 += yStep
        at3 += yStep
      }
      result[target + j] = total0
      result[target + j + 1] = total1
      result[target + j + 2] = total2
      result[target + j + 3] = total3
    }
    for (; j < n; j++) {
      let total = 0
      const column = yAt + j * yColumn
      for (let p = 0; p < k; p++) total += left[row + p * xStep]! * right[column + p * yStep]!
      result[target + j] = total
    }
  }
}
