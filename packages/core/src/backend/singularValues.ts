/** Singular values and vectors, in float64. Matrices are flat and row-major. */

import { signOf } from './eigenvectorSigns.ts'
import { householderQr } from './householderQr.ts'
import { identityMatrix } from './luDecomposition.ts'
import { powerOfTwoAbove } from './symmetricEigen.ts'

/**
 * A = Σ values[k] left[k] right[k]ᵀ with descending values: row k of `left`, [k, m], and of `right`, [k, n], are the unit
 * vectors of value k.
 */
export interface SingularValues {
  readonly left: Float64Array
  readonly values: Float64Array
  readonly right: Float64Array
}

const SWEEPS = 60
/** Square matrices up to this size are rotated as they are; a triangle needs fewer rotations. */
const DIRECT = 8
/** Columns shorter than this share of the longest are made orthogonal once more. */
const SMALL = 1e-8
/** From this sweep on, rounding that does not settle is let be. */
const PATIENCE = 15

/** The singular values of an [m, n] matrix; of a matrix with a number that is not finite, NaN. */
export function singularValues(matrix: Float64Array, m: number, n: number): SingularValues {
  if (m < n) {
    const { left, values, right } = singularValues(transposed(matrix, m, n), n, m)
    return withSigns({ left: right, values, right: left }, m, n)
  }
  const scale = powerOfTwoAbove(matrix)
  if (!Number.isFinite(scale)) {
    return {
      left: new Float64Array(n * m).fill(Number.NaN),
      values: new Float64Array(n).fill(Number.NaN),
      right: new Float64Array(n * n).fill(Number.NaN),
    }
  }
  const scaled = matrix.map(value => value / scale)
  const found =
    n <= DIRECT && m === n ? orthogonalized(transposed(scaled, m, n), m, n) : throughQr(scaled, m, n)
  for (let i = 0; i < n; i++) found.values[i]! *= scale
  return withSigns(found, m, n)
}

/**
 * By way of the triangle R of a QR decomposition, which is no higher than it is wide, and whose rows are closer to
 * orthogonal than the columns of the matrix (Z. Drmač and K. Veselić, "New fast and accurate Jacobi SVD algorithm", 2008).
 */
function throughQr(a: Float64Array, m: number, n: number): SingularValues {
  const { q, r } = householderQr(a, m, n)
  // The columns of Rᵀ are the rows of R; left and right change places.
  const { left: right, values, right: left } = orthogonalized(r, n, n)
  const product = new Float64Array(n * m)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < m; i++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += q[i * n + j]! * left[k * n + j]!
      product[k * m + i] = sum
    }
  }
  return { left: product, values, right }
}

/**
 * M. Hestenes' one-sided Jacobi method (1958): rotates pairs of columns until all are orthogonal. Small singular values
 * come out as accurate as large ones (J. Demmel and K. Veselić, "Jacobi's method is more accurate than QR", 1992).
 * `columns` holds the columns of the matrix as rows, and is overwritten.
 */
function orthogonalized(columns: Float64Array, m: number, n: number): SingularValues {
  const right = identityMatrix(n)
  const tolerance = Number.EPSILON * Math.sqrt(m)
  const squares = new Float64Array(n)
  for (let sweep = 0, rotated = true; rotated && sweep < SWEEPS; sweep++) {
    rotated = false
    for (let p = 0; p < n; p++) squares[p] = overlap(columns, m, p, p)
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const pp = squares[p]!
        const qq = squares[q]!
        const pq = overlap(columns, m, p, q)
        const size = Math.sqrt(pp) * Math.sqrt(qq)
        const patience = sweep < PATIENCE ? 1 : 2 ** (sweep - PATIENCE)
        if (Math.abs(pq) <= patience * tolerance * size) {
          // Orthogonal already: only put the longer one first, so that later rotations are small.
          if (qq > pp && sweep === 0) {
            rotated = true
            rotate(columns, m, p, q, 0, -1)
            rotate(right, n, p, q, 0, -1)
            squares[p] = qq
            squares[q] = pp
          }
          continue
        }
        rotated = true
        const zeta = (qq - pp) / (2 * pq)
        let t = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta))
        // The other root of the same equation makes the first column the longer one.
        if (qq > pp) t = -1 / t
        const c = 1 / Math.sqrt(1 + t * t)
        const s = Math.abs(t) > 1e150 ? Math.sign(t) : t * c
        rotate(columns, m, p, q, c, s)
        rotate(right, n, p, q, c, s)
        squares[p] = overlap(columns, m, p, p)
        squares[q] = overlap(columns, m, q, q)
      }
    }
  }
  const lengths = Float64Array.from({ length: n }, (_, k) => lengthOf(columns, k * m, m))
  const order = Array.from({ length: n }, (_, k) => k).sort((i, j) => lengths[j]! - lengths[i]! || i - j)
  const left = new Float64Array(n * m)
  const sortedRight = new Float64Array(n * n)
  const values = Float64Array.from(order, k => lengths[k]!)
  for (const [to, from] of order.entries()) {
    sortedRight.set(right.subarray(from * n, from * n + n), to * n)
    const length = lengths[from]!
    for (let i = 0; i < m; i++) left[to * m + i] = length === 0 ? 0 : columns[from * m + i]! / length
    // What is left of a dependent column is rounding, which may point anywhere.
    if (length < SMALL * values[0]! || length === 0) cleanRow(left, m, to)
  }
  return { left, values, right: sortedRight }
}

/** The product of rows p and q. */
function overlap(v: Float64Array, length: number, p: number, q: number): number {
  let sum = 0
  for (let k = 0, at = p * length, to = q * length; k < length; k++, at++, to++) sum += v[at]! * v[to]!
  return sum
}

/** Rows p and q become c p - s q and s p + c q. */
function rotate(v: Float64Array, length: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0, at = p * length, to = q * length; k < length; k++, at++, to++) {
    const x = v[at]!
    const y = v[to]!
    v[at] = c * x - s * y
    v[to] = s * x + c * y
  }
}

function lengthOf(v: Float64Array, at: number, count: number): number {
  let largest = 0
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(v[at + i]!))
  if (largest === 0) return 0
  let total = 0
  for (let i = 0; i < count; i++) total += (v[at + i]! / largest) ** 2
  return largest * Math.sqrt(total)
}

/** Makes a row orthogonal to the rows above; where little is left of it, puts another unit vector there. */
function cleanRow(rows: Float64Array, m: number, row: number): void {
  if (subtractRows(rows, m, row) > 0.5) {
    subtractRows(rows, m, row)
    return
  }
  let best = 0
  let rest = Number.NEGATIVE_INFINITY
  for (let axis = 0; axis < m; axis++) {
    let outside = 1
    for (let k = 0; k < row; k++) outside -= rows[k * m + axis]! ** 2
    if (outside > rest + 1e-12) [best, rest] = [axis, outside]
  }
  const at = row * m
  rows.fill(0, at, at + m)
  rows[at + best] = 1
  for (let pass = 0; pass < 2; pass++) subtractRows(rows, m, row)
}

/** Takes what lies along the rows above from a row, and makes it a unit vector again; returns how long it was in between. */
function subtractRows(rows: Float64Array, m: number, row: number): number {
  const at = row * m
  for (let k = 0; k < row; k++) {
    const along = overlap(rows, m, k, row)
    for (let i = 0; i < m; i++) rows[at + i]! -= along * rows[k * m + i]!
  }
  const length = lengthOf(rows, at, m)
  if (length > 0) for (let i = 0; i < m; i++) rows[at + i]! /= length
  return length
}

/** The pairs of vectors with the sign of the left one by {@link signOf}. */
function withSigns(found: SingularValues, m: number, n: number): SingularValues {
  const { left, values, right } = found
  for (let k = 0; k < values.length; k++) {
    if (signOf(left, k * m, m, 1) === 1) continue
    for (let i = 0; i < m; i++) left[k * m + i] = -left[k * m + i]!
    for (let i = 0; i < n; i++) right[k * n + i] = -right[k * n + i]!
  }
  return found
}

/** The transpose of an [m, n] matrix. */
export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const result = new Float64Array(m * n)
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) result[j * m + i] = a[i * n + j]!
  return result
}
