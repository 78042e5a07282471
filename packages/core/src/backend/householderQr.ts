/** QR decomposition by Householder reflections, in float64. Matrices are flat and row-major. */

/** The thin factors of an [m, n] matrix with m ≥ n: Q is [m, n], R is [n, n] with no negative number on its diagonal. */
export interface QrFactors {
  readonly q: Float64Array
  readonly r: Float64Array
}

/** Decomposes an [m, n] matrix, m ≥ n. A column that is 0 below the diagonal needs no reflection. */
export function householderQr(matrix: Float64Array, m: number, n: number): QrFactors {
  const a = matrix.slice()
  const tau = new Float64Array(n)
  const work = new Float64Array(n)
  for (let k = 0; k < n; k++) {
    tau[k] = reflector(a, m, n, k)
    reflect(a, n, tau[k]!, k, a, n, k, m, k + 1, n, work)
  }
  const r = new Float64Array(n * n)
  for (let i = 0; i < n; i++) r.set(a.subarray(i * n + i, i * n + n), i * n + i)
  const q = new Float64Array(m * n)
  for (let i = 0; i < n; i++) q[i * n + i] = 1
  for (let k = n - 1; k >= 0; k--) reflect(a, n, tau[k]!, k, q, n, k, m, k, n, work)
  for (let k = 0; k < n; k++) {
    if (r[k * n + k]! >= 0) continue
    for (let j = k; j < n; j++) r[k * n + j] = -r[k * n + j]!
    for (let i = 0; i < m; i++) q[i * n + k] = -q[i * n + k]!
  }
  return { q, r }
}

/**
 * The reflection I - τ v vᵀ that maps column k, from row k on, to a multiple of the first unit vector. Leaves the multiple
 * on the diagonal and the rest of v below it (its first element is 1); returns τ.
 */
function reflector(a: Float64Array, m: number, n: number, k: number): number {
  let largest = 0
  for (let i = k; i < m; i++) largest = Math.max(largest, Math.abs(a[i * n + k]!))
  // Powers of two change no digit, and squares neither overflow nor vanish.
  const unit = unitFor(largest)
  const alpha = a[k * n + k]! * unit
  let rest = 0
  for (let i = k + 1; i < m; i++) rest += (a[i * n + k]! * unit) ** 2
  if (rest === 0) return 0
  const norm = Math.sqrt(alpha * alpha + rest)
  const beta = alpha > 0 ? -norm : norm
  const scale = alpha - beta
  for (let i = k + 1; i < m; i++) a[i * n + k] = (a[i * n + k]! * unit) / scale
  a[k * n + k] = beta / unit
  return -scale / beta
}

/** A power of two that brings a number close to 1, as far as there is one. */
export function unitFor(size: number): number {
  if (!(size > 0 && size < Number.POSITIVE_INFINITY)) return 1
  return 2 ** -Math.max(-1000, Math.min(1000, Math.floor(Math.log2(size))))
}

/** Applies the reflection stored in column k of `v` to rows k .. rows - 1 and columns first .. last - 1 of `a`. */
function reflect(
  v: Float64Array,
  vColumns: number,
  tau: number,
  k: number,
  a: Float64Array,
  columns: number,
  top: number,
  rows: number,
  first: number,
  last: number,
  work: Float64Array,
): void {
  if (tau === 0) return
  for (let j = first; j < last; j++) work[j] = a[top * columns + j]!
  for (let i = top + 1; i < rows; i++) {
    const factor = v[i * vColumns + k]!
    if (factor !== 0) for (let j = first; j < last; j++) work[j]! += factor * a[i * columns + j]!
  }
  for (let j = first; j < last; j++) {
    work[j]! *= tau
    a[top * columns + j]! -= work[j]!
  }
  for (let i = top + 1; i < rows; i++) {
    const factor = v[i * vColumns + k]!
    if (factor !== 0) for (let j = first; j < last; j++) a[i * columns + j]! -= factor * work[j]!
  }
}
