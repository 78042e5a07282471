/** Least squares and pseudoinverses by singular values, in float64. Matrices are flat and row-major. */

import { singularValues } from './singularValues.ts'

/**
 * The X of least norm among those that make A X - B smallest, for an [m, n] matrix A and B of shape [m, columns]; without B,
 * the pseudoinverse of A. Singular values up to `rcond` times the largest one count as 0.
 */
export function minimumNorm(
  matrix: Float64Array,
  m: number,
  n: number,
  rcond: number,
  right: Float64Array | undefined,
  columns: number,
): Float64Array {
  const { left, values, right: vectors } = singularValues(matrix, m, n)
  const result = new Float64Array(n * columns)
  const weights = new Float64Array(columns)
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!
    if (value <= rcond * values[0]! || value === 0) continue
    for (let j = 0; j < columns; j++) {
      let sum = 0
      if (right === undefined) sum = left[k * m + j]!
      else for (let i = 0; i < m; i++) sum += left[k * m + i]! * right[i * columns + j]!
      weights[j] = sum / value
    }
    for (let i = 0; i < n; i++) {
      const factor = vectors[k * n + i]!
      for (let j = 0; j < columns; j++) result[i * columns + j]! += factor * weights[j]!
    }
  }
  return result
}
