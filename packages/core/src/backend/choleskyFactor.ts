/** The Cholesky factor, in float64. Matrices are flat and row-major. */

/** The first pivot that is not above 0, when there is one. */
export interface BadPivot {
  readonly index: number
  readonly value: number
}

/**
 * Writes the lower triangle L with L Lᵀ = (A + Aᵀ)/2 into `out`, [n, n], which holds zeros. Stops at a pivot that is not
 * above 0; NaN goes through.
 */
export function choleskyFactor(a: Float64Array, n: number, out: Float64Array): BadPivot | undefined {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = i === j ? a[i * n + i]! : 0.5 * a[i * n + j]! + 0.5 * a[j * n + i]!
      for (let k = 0; k < j; k++) rest -= out[i * n + k]! * out[j * n + k]!
      if (i !== j) out[i * n + j] = rest / out[j * n + j]!
      else if (rest <= 0) return { index: i, value: rest }
      else out[i * n + i] = Math.sqrt(rest)
    }
  }
  return undefined
}
