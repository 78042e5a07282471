/** Matrices as primitives ask for them: of full rank, symmetric, positive definite, all with well separated spectra. */

import { type MatrixKind, sizeOf } from '@adjoint/core/engine'

/** Singular values and eigenvalues are this far apart, and as far from 0. */
const GAP = 0.7

/** Numbers for a batch of matrices of one kind from whole numbers that `integer` draws. */
export function drawMatrices(
  shape: readonly number[],
  kind: MatrixKind,
  integer: (minimum: number, maximum: number) => number,
): number[] {
  const [rows, columns] = shape.slice(-2) as [number, number]
  const count = rows * columns === 0 ? 0 : sizeOf(shape) / (rows * columns)
  return Array.from({ length: count }, () => matrixOf(rows, columns, kind, integer)).flat()
}

/** Q diag Rᵀ with random rotations Q and R, the same one for symmetric matrices. */
function matrixOf(
  rows: number,
  columns: number,
  kind: MatrixKind,
  integer: (minimum: number, maximum: number) => number,
): number[] {
  const left = reflected(rows, integer)
  const right = kind === 'fullRank' ? reflected(columns, integer) : left
  const spectrum = Array.from({ length: Math.min(rows, columns) }, (_, k) => {
    const size = (k + 1) * GAP + integer(0, 20) / 100
    return kind === 'positiveDefinite' || integer(0, 1) === 0 ? size : -size
  })
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns]
    return spectrum.reduce((sum, value, k) => sum + value * left[i]![k]! * right[j]![k]!, 0)
  })
}

/** An orthogonal matrix: two reflections I - 2 v vᵀ / vᵀ v, one after the other. */
function reflected(size: number, integer: (minimum: number, maximum: number) => number): number[][] {
  let matrix = Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => Number(i === j)))
  for (let round = 0; round < 2; round++) {
    const v = Array.from({ length: size }, (_, i) => integer(-10, 10) + (i === 0 ? 0.5 : 0))
    const square = v.reduce((sum, value) => sum + value * value, 0)
    matrix = matrix.map(row => {
      const overlap = row.reduce((sum, value, k) => sum + value * v[k]!, 0)
      return row.map((value, k) => value - (2 * overlap * v[k]!) / square)
    })
  }
  return matrix
}
