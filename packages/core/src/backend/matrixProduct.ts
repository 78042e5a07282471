/** The reference matrix product: plain loops over strided operands, added up in float64. */

import type { TypedArray } from '../storage/dtype.ts'
import type { Strided } from './strided.ts'

/**
 * Writes the product of an [m, k] and a [k, n] matrix, the last two axes of `x` and `y` from the given positions on,
 * into `out` from `outAt` on, in row-major order. Blocks of two rows and four columns of the result are computed side by
 * side, so that every element that is loaded is used several times.
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
  let i = 0
  for (; i + 1 < m; i += 2) {
    const at = xAt + i * xRow
    twoRows(k, n, x.storage, at, at + xRow, xStep, y.storage, yAt, yStep, yColumn, out.storage, outAt + i * n)
  }
  if (i < m)
    oneRow(k, n, x.storage, xAt + i * xRow, xStep, y.storage, yAt, yStep, yColumn, out.storage, outAt + i * n)
}

function twoRows(
  k: number,
  n: number,
  x: TypedArray,
  top: number,
  bottom: number,
  xStep: number,
  y: TypedArray,
  yAt: number,
  yStep: number,
  yColumn: number,
  out: TypedArray,
  outAt: number,
): void {
  const yColumn2 = 2 * yColumn
  const yColumn3 = 3 * yColumn
  let j = 0
  for (; j + 3 < n; j += 4) {
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let b0 = 0
    let b1 = 0
    let b2 = 0
    let b3 = 0
    let topAt = top
    let bottomAt = bottom
    let at = yAt + j * yColumn
    for (let p = 0; p < k; p++) {
      const a = x[topAt]!
      const b = x[bottomAt]!
      const y0 = y[at]!
      const y1 = y[at + yColumn]!
      const y2 = y[at + yColumn2]!
      const y3 = y[at + yColumn3]!
      a0 += a * y0
      a1 += a * y1
      a2 += a * y2
      a3 += a * y3
      b0 += b * y0
      b1 += b * y1
      b2 += b * y2
      b3 += b * y3
      topAt += xStep
      bottomAt += xStep
      at += yStep
    }
    const target = outAt + j
    out[target] = a0
    out[target + 1] = a1
    out[target + 2] = a2
    out[target + 3] = a3
    out[target + n] = b0
    out[target + n + 1] = b1
    out[target + n + 2] = b2
    out[target + n + 3] = b3
  }
  for (; j < n; j++) {
    let a0 = 0
    let b0 = 0
    const column = yAt + j * yColumn
    for (let p = 0; p < k; p++) {
      const value = y[column + p * yStep]!
      a0 += x[top + p * xStep]! * value
      b0 += x[bottom + p * xStep]! * value
    }
    out[outAt + j] = a0
    out[outAt + n + j] = b0
  }
}

function oneRow(
  k: number,
  n: number,
  x: TypedArray,
  row: number,
  xStep: number,
  y: TypedArray,
  yAt: number,
  yStep: number,
  yColumn: number,
  out: TypedArray,
  outAt: number,
): void {
  const yColumn2 = 2 * yColumn
  const yColumn3 = 3 * yColumn
  let j = 0
  for (; j + 3 < n; j += 4) {
    let a0 = 0
    let a1 = 0
    let a2 = 0
    let a3 = 0
    let from = row
    let at = yAt + j * yColumn
    for (let p = 0; p < k; p++) {
      const a = x[from]!
      a0 += a * y[at]!
      a1 += a * y[at + yColumn]!
      a2 += a * y[at + yColumn2]!
      a3 += a * y[at + yColumn3]!
      from += xStep
      at += yStep
    }
    out[outAt + j] = a0
    out[outAt + j + 1] = a1
    out[outAt + j + 2] = a2
    out[outAt + j + 3] = a3
  }
  for (; j < n; j++) {
    let a0 = 0
    const column = yAt + j * yColumn
    for (let p = 0; p < k; p++) a0 += x[row + p * xStep]! * y[column + p * yStep]!
    out[outAt + j] = a0
  }
}
