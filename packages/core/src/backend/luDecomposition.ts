/** Gaussian elimination with partial pivoting, in float64. Matrices are flat and row-major. */

/** What {@link decompose} found besides the factors. */
export interface Decomposition {
  /** Row i of the factors is row `rows[i]` of the matrix. */
  readonly rows: Int32Array
  /** 1 or -1: the determinant of the row exchanges. */
  readonly sign: number
}

/**
 * Replaces an [m, n] matrix by its factors: U on and above the diagonal, L below it, with a diagonal of ones that is not
 * stored. The largest element of a column becomes its pivot.
 */
export function decompose(a: Float64Array, m: number, n: number): Decomposition {
  const rows = Int32Array.from({ length: m }, (_, i) => i)
  let sign = 1
  for (let k = 0; k < Math.min(m, n); k++) {
    let best = k
    for (let i = k + 1; i < m; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[best * n + k]!)) best = i
    if (best !== k) {
      sign = -sign
      swapRows(a, n, k, best)
      const row = rows[k]!
      rows[k] = rows[best]!
      rows[best] = row
    }
    eliminate(a, m, n, k)
  }
  return { rows, sign }
}

/** The same without exchanges: for [m, n] matrices whose rows are in a good order already. */
export function decomposeInOrder(a: Float64Array, m: number, n: number): void {
  for (let k = 0; k < Math.min(m, n); k++) eliminate(a, m, n, k)
}

function eliminate(a: Float64Array, m: number, n: number, k: number): void {
  const top = k * n
  const pivot = a[top + k]!
  if (pivot === 0) return
  for (let i = k + 1; i < m; i++) {
    const row = i * n
    const factor = a[row + k]! / pivot
    a[row + k] = factor
    if (factor === 0) continue
    for (let j = k + 1; j < n; j++) a[row + j]! -= factor * a[top + j]!
  }
}

function swapRows(a: Float64Array, n: number, i: number, j: number): void {
  for (let k = 0; k < n; k++) {
    const value = a[i * n + k]!
    a[i * n + k] = a[j * n + k]!
    a[j * n + k] = value
  }
}

/**
 * The first pivot that is 0 to working precision: nothing but rounding is left of the numbers of its row. -1 when there is
 * none. A row of small numbers is none: each is measured by its own row of the matrix.
 */
export function vanishingPivot(
  matrix: Float64Array,
  factors: Float64Array,
  rows: Int32Array,
  n: number,
): number {
  for (let k = 0; k < n; k++) {
    let largest = 0
    for (let j = 0; j < n; j++) largest = Math.max(largest, Math.abs(matrix[rows[k]! * n + j]!))
    const pivot = Math.abs(factors[k * n + k]!)
    if (pivot === 0 || pivot < Number.EPSILON * largest) return k
  }
  return -1
}

/**
 * Solves T X = B in place of B, [n, columns], for a triangle T of the [n, n] matrix `a`, or for its transpose. The other
 * triangle is not read.
 */
export function solveTriangle(
  a: Float64Array,
  n: number,
  b: Float64Array,
  columns: number,
  triangle: { readonly lower: boolean; readonly transposed: boolean; readonly unit: boolean },
): void {
  const { lower, transposed, unit } = triangle
  const isForward = lower !== transposed
  for (let step = 0; step < n; step++) {
    const i = isForward ? step : n - 1 - step
    const at = i * columns
    if (!transposed) {
      const [first, last] = isForward ? [0, i] : [i + 1, n]
      for (let j = first; j < last; j++) subtractRow(b, at, j * columns, columns, a[i * n + j]!)
    }
    if (!unit) {
      const pivot = a[i * n + i]!
      for (let k = 0; k < columns; k++) b[at + k]! /= pivot
    }
    if (transposed) {
      const [first, last] = isForward ? [i + 1, n] : [0, i]
      for (let j = first; j < last; j++) subtractRow(b, j * columns, at, columns, a[i * n + j]!)
    }
  }
}

function subtractRow(b: Float64Array, to: number, from: number, length: number, factor: number): void {
  if (factor === 0) return
  for (let k = 0; k < length; k++) b[to + k]! -= factor * b[from + k]!
}

/** Solves A X = B from the factors of A; B is [n, columns] and stays as it is. */
export function solveDecomposed(
  factors: Float64Array,
  rows: Int32Array,
  n: number,
  b: Float64Array,
  columns: number,
): Float64Array {
  const x = new Float64Array(n * columns)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < columns; k++) x[i * columns + k] = b[rows[i]! * columns + k]!
  }
  solveTriangle(factors, n, x, columns, { lower: true, transposed: false, unit: true })
  solveTriangle(factors, n, x, columns, { lower: false, transposed: false, unit: false })
  return x
}

/** The determinant from the factors. Powers of two are set aside, so that no product on the way overflows. */
export function determinantOf(factors: Float64Array, sign: number, n: number): number {
  let product = sign
  let exponent = 0
  for (let i = 0; i < n; i++) {
    product *= factors[i * n + i]!
    const size = Math.abs(product)
    if (size === 0) return 0
    if (size > 2 ** 500 && size < Number.POSITIVE_INFINITY) {
      product *= 2 ** -500
      exponent += 500
    } else if (size < 2 ** -500) {
      product *= 2 ** 500
      exponent -= 500
    }
  }
  // In steps, because 2^exponent itself may be out of range where the product is not.
  for (; exponent > 0; exponent -= 500) product *= 2 ** 500
  for (; exponent < 0; exponent += 500) product *= 2 ** -500
  return product
}

/** The identity as a flat matrix. */
export function identityMatrix(n: number): Float64Array {
  const result = new Float64Array(n * n)
  for (let i = 0; i < n; i++) result[i * n + i] = 1
  return result
}
