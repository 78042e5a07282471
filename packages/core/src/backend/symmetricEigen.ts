/** Eigenvalues and eigenvectors of symmetric matrices, in float64. Matrices are flat and row-major. */

import { signOf } from './eigenvectorSigns.ts'
import { unitFor } from './householderQr.ts'
import { identityMatrix } from './luDecomposition.ts'

/** Ascending eigenvalues; row k of `vectors` is the unit eigenvector of value k. */
export interface SymmetricEigen {
  readonly values: Float64Array
  readonly vectors: Float64Array
}

/** Up to this size by rotations, above by way of a tridiagonal matrix, which takes fewer operations. */
const ROTATED = 32
const SWEEPS = 60
/** Numbers below this lose digits; the matrix is scaled to 1. */
const NOTHING = 2 ** -960
/** From this sweep on, an element counts as 0 beside the whole matrix, not only beside its own row and column. */
const PATIENCE = 12

/** The eigenvalues and eigenvectors of (A + Aᵀ)/2; of a matrix with a number that is not finite, NaN. */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const a = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      a[i * n + j] = i === j ? matrix[i * n + i]! : 0.5 * matrix[i * n + j]! + 0.5 * matrix[j * n + i]!
    }
  }
  const scale = powerOfTwoAbove(a)
  if (!Number.isFinite(scale)) {
    return { values: new Float64Array(n).fill(Number.NaN), vectors: new Float64Array(n * n).fill(Number.NaN) }
  }
  // Powers of two change no digit, and squares neither overflow nor vanish.
  for (let i = 0; i < a.length; i++) a[i]! /= scale
  const found = n <= ROTATED ? byRotations(a, n) : byTridiagonal(a, n)
  for (let i = 0; i < n; i++) found.values[i]! *= scale
  return sorted(found, n)
}

/** A power of two that no element exceeds by much; NaN or Infinity when an element is. */
export function powerOfTwoAbove(a: Float64Array): number {
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs(a[i]!)
    if (!(size < Number.POSITIVE_INFINITY)) return Number.NaN
    if (size > largest) largest = size
  }
  return largest === 0 ? 1 : 2 ** Math.max(-1000, Math.min(1000, Math.floor(Math.log2(largest))))
}

/**
 * C. G. J. Jacobi's method, by rows: every rotation makes one pair of elements 0. Small eigenvalues of positive definite
 * matrices come out with high relative accuracy (J. Demmel and K. Veselić, "Jacobi's method is more accurate than QR", 1992).
 */
function byRotations(a: Float64Array, n: number): SymmetricEigen {
  const vectors = identityMatrix(n)
  let total = 0
  for (let i = 0; i < a.length; i++) total += a[i]! * a[i]!
  const size = Math.sqrt(total)
  for (let sweep = 0, rotated = true; rotated && sweep < SWEEPS; sweep++) {
    rotated = false
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q]!
        const first = a[p * n + p]!
        const second = a[q * n + q]!
        const beside = sweep < PATIENCE ? Math.sqrt(Math.abs(first)) * Math.sqrt(Math.abs(second)) : size
        if (off === 0 || Math.abs(off) <= Number.EPSILON * beside) continue
        rotated = true
        const theta = (second - first) / (2 * off)
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
        const c = 1 / Math.sqrt(t * t + 1)
        const s = t * c
        for (let k = 0; k < n; k++) {
          if (k === p || k === q) continue
          const x = a[p * n + k]!
          const y = a[q * n + k]!
          const turned = c * x - s * y
          const other = s * x + c * y
          a[p * n + k] = turned
          a[k * n + p] = turned
          a[q * n + k] = other
          a[k * n + q] = other
        }
        a[p * n + p] = first - t * off
        a[q * n + q] = second + t * off
        a[p * n + q] = 0
        a[q * n + p] = 0
        rotateRows(vectors, n, p, q, c, s)
      }
    }
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors }
}

/** Rows p and q become c p - s q and s p + c q. */
function rotateRows(v: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0, at = p * n, to = q * n; k < n; k++, at++, to++) {
    const x = v[at]!
    const y = v[to]!
    v[at] = c * x - s * y
    v[to] = s * x + c * y
  }
}

/** Householder reflections to tridiagonal form, then QL steps (G. Golub and C. Van Loan, "Matrix Computations", 8.3). */
function byTridiagonal(a: Float64Array, n: number): SymmetricEigen {
  const diagonal = new Float64Array(n)
  const beside = new Float64Array(n)
  const vectors = tridiagonalize(a, n, diagonal, beside)
  implicitQl(diagonal, beside, vectors, n)
  return { values: diagonal, vectors }
}

/** Writes the diagonals of T with A = Q T Qᵀ; returns Qᵀ. */
function tridiagonalize(
  a: Float64Array,
  n: number,
  diagonal: Float64Array,
  beside: Float64Array,
): Float64Array {
  const v = new Float64Array(n)
  const w = new Float64Array(n)
  const taus = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    // The reflection of column k below the diagonal; a is symmetric, so row k holds the same numbers.
    let largest = 0
    for (let i = k + 1; i < n; i++) largest = Math.max(largest, Math.abs(a[k * n + i]!))
    const unit = unitFor(largest)
    const alpha = a[k * n + k + 1]! * unit
    let rest = 0
    for (let i = k + 2; i < n; i++) rest += (a[k * n + i]! * unit) ** 2
    const norm = Math.sqrt(alpha * alpha + rest)
    const beta = rest === 0 ? alpha : alpha > 0 ? -norm : norm
    const tau = rest === 0 ? 0 : (beta - alpha) / beta
    beside[k] = beta / unit
    taus[k] = tau
    if (tau === 0) continue
    v[k + 1] = 1
    for (let i = k + 2; i < n; i++) v[i] = (a[k * n + i]! * unit) / (alpha - beta)
    for (let i = k + 1; i < n; i++) {
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += a[i * n + j]! * v[j]!
      w[i] = tau * sum
    }
    let overlap = 0
    for (let i = k + 1; i < n; i++) overlap += w[i]! * v[i]!
    for (let i = k + 1; i < n; i++) w[i]! -= 0.5 * tau * overlap * v[i]!
    for (let i = k + 1; i < n; i++) {
      const [x, y] = [v[i]!, w[i]!]
      for (let j = k + 1; j < n; j++) a[i * n + j]! -= x * w[j]! + y * v[j]!
    }
    // Row k is not needed any more: it keeps the reflection.
    for (let i = k + 1; i < n; i++) a[k * n + i] = v[i]!
  }
  for (let i = 0; i < n; i++) diagonal[i] = a[i * n + i]!
  const result = identityMatrix(n)
  for (let k = n - 2; k >= 0; k--) {
    const tau = taus[k]!
    if (tau === 0) continue
    // Qᵀ gets the reflection from the right: each of its rows by itself.
    for (let i = k + 1; i < n; i++) {
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += result[i * n + j]! * a[k * n + j]!
      sum *= tau
      for (let j = k + 1; j < n; j++) result[i * n + j]! -= sum * a[k * n + j]!
    }
  }
  return result
}

/** Diagonalizes a tridiagonal matrix by implicit QL steps with Wilkinson's shift; the rotations go to the rows of `vectors`. */
function implicitQl(d: Float64Array, e: Float64Array, vectors: Float64Array, n: number): void {
  for (let low = 0; low < n; low++) {
    for (let step = 0; step < SWEEPS; step++) {
      let high = low
      while (
        high < n - 1 &&
        Math.abs(e[high]!) >
          Number.EPSILON * Math.sqrt(Math.abs(d[high]!)) * Math.sqrt(Math.abs(d[high + 1]!)) &&
        Math.abs(e[high]!) > NOTHING
      ) {
        if (
          step > PATIENCE &&
          Math.abs(e[high]!) <= Number.EPSILON * (Math.abs(d[high]!) + Math.abs(d[high + 1]!))
        )
          break
        high++
      }
      if (high === low) break
      let g = (d[low + 1]! - d[low]!) / (2 * e[low]!)
      const root = Math.hypot(g, 1)
      g = d[high]! - d[low]! + e[low]! / (g + (g < 0 ? -root : root))
      let s = 1
      let c = 1
      let p = 0
      let isSplit = false
      for (let i = high - 1; i >= low; i--) {
        const f = s * e[i]!
        const b = c * e[i]!
        const r = Math.hypot(f, g)
        e[i + 1] = r
        if (r <= NOTHING) {
          d[i + 1]! -= p
          e[high] = 0
          isSplit = true
          break
        }
        s = f / r
        c = g / r
        g = d[i + 1]! - p
        const t = (d[i]! - g) * s + 2 * c * b
        p = s * t
        d[i + 1] = g + p
        g = c * t - b
        rotateRows(vectors, n, i, i + 1, c, s)
      }
      if (isSplit) continue
      d[low]! -= p
      e[low] = g
      e[high] = 0
    }
  }
}

/** Ascending values, and vectors with the sign of {@link signOf}. */
function sorted({ values, vectors }: SymmetricEigen, n: number): SymmetricEigen {
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => values[i]! - values[j]! || i - j)
  const result = new Float64Array(n * n)
  for (const [to, from] of order.entries()) {
    const sign = signOf(vectors, from * n, n, 1)
    for (let k = 0; k < n; k++) result[to * n + k] = sign * vectors[from * n + k]!
  }
  return { values: Float64Array.from(order, i => values[i]!), vectors: result }
}
