/** Cofactors of a matrix and their derivatives of every order, in float64, without a division: also of singular matrices. */

import { decompose, determinantOf, solveTriangle } from './luDecomposition.ts'
import { singularValues } from './singularValues.ts'

/** Pivots of this share of the largest one, and above, are divided by. */
const SAFE = 1e-5

/**
 * The derivative of A ↦ cof A, the gradient of the determinant, along each of the directions once; cof A itself for none.
 *
 * With A = U S Vᵀ it is det(U) det(V) U (what it is at S, along Uᵀ E V) Vᵀ; and at a diagonal matrix every derivative of
 * the determinant is a sum of small minors of the directions times products of what is left of the diagonal.
 */
export function cofactors(
  matrix: Float64Array,
  directions: readonly Float64Array[],
  n: number,
): Float64Array {
  const order = directions.length
  if (n === 0 || order >= n) return new Float64Array(n * n)
  if (n === 1) return Float64Array.of(1)
  if (n === 2) {
    const [a, b, c, d] = order === 0 ? matrix : directions[0]!
    return Float64Array.of(d!, -c!, -b!, a!)
  }
  const regular = order === 0 ? byInverse(matrix, n) : undefined
  if (regular !== undefined) return regular
  const { left, values, right } = singularValues(matrix, n, n)
  const turned = directions.map(direction => sandwich(left, direction, right, n))
  const middle = atDiagonal(values, turned, n)
  const sign = signOfDeterminant(left, n) * signOfDeterminant(right, n)
  // left and right hold vectors as rows: U M Vᵀ is leftᵀ M right.
  return product(transposedProduct(left, middle, n), right, n).map(value => sign * value)
}

/** det(A) A⁻ᵀ, where the pivots are large enough for it to be accurate. */
function byInverse(matrix: Float64Array, n: number): Float64Array | undefined {
  const factors = matrix.slice()
  const { rows, sign } = decompose(factors, n, n)
  let [smallest, largest] = [Number.POSITIVE_INFINITY, 0]
  for (let i = 0; i < n; i++) {
    const pivot = Math.abs(factors[i * n + i]!)
    smallest = Math.min(smallest, pivot)
    largest = Math.max(largest, pivot)
  }
  const determinant = determinantOf(factors, sign, n)
  if (!(smallest > SAFE * largest) || !Number.isFinite(determinant) || determinant === 0) return undefined
  // A = Pᵀ L U: A⁻ᵀ = Pᵀ L⁻ᵀ U⁻ᵀ.
  const x = new Float64Array(n * n)
  for (let i = 0; i < n; i++) x[i * n + i] = determinant
  solveTriangle(factors, n, x, n, { lower: false, transposed: true, unit: false })
  solveTriangle(factors, n, x, n, { lower: true, transposed: true, unit: true })
  const result = new Float64Array(n * n)
  for (let i = 0; i < n; i++) result.set(x.subarray(i * n, i * n + n), rows[i]! * n)
  return result
}

/** The derivative of the cofactors at diag(values) along the directions. */
function atDiagonal(values: Float64Array, directions: readonly Float64Array[], n: number): Float64Array {
  const result = new Float64Array(n * n)
  const orders = permutations(directions.length)
  for (const chosen of subsets(n, directions.length + 1)) {
    let rest = 1
    for (let i = 0, k = 0; i < n; i++) {
      if (chosen[k] === i) k++
      else rest *= values[i]!
    }
    if (rest === 0) continue
    for (const [i, row] of chosen.entries()) {
      const rows = chosen.filter(other => other !== row)
      for (const [j, column] of chosen.entries()) {
        const columns = chosen.filter(other => other !== column)
        let total = 0
        for (const order of orders) total += minor(directions, order, rows, columns, n)
        result[row * n + column]! += (i + j) % 2 === 0 ? rest * total : -rest * total
      }
    }
  }
  return result
}

/** The determinant of the given columns, row k taken from direction `order[k]`, by expansion along the first row. */
function minor(
  directions: readonly Float64Array[],
  order: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
  n: number,
): number {
  if (rows.length === 0) return 1
  const source = directions[order[0]!]!
  let total = 0
  for (const [j, column] of columns.entries()) {
    const value = source[rows[0]! * n + column]!
    if (value === 0) continue
    const others = columns.filter(other => other !== column)
    const rest = minor(directions, order.slice(1), rows.slice(1), others, n)
    total += j % 2 === 0 ? value * rest : -value * rest
  }
  return total
}

/** Every ascending choice of `count` of the numbers below n. */
function* subsets(n: number, count: number, first = 0): Generator<readonly number[]> {
  if (count === 0) {
    yield []
    return
  }
  for (let i = first; i <= n - count; i++) {
    for (const rest of subsets(n, count - 1, i + 1)) yield [i, ...rest]
  }
}

function permutations(count: number): readonly (readonly number[])[] {
  if (count === 0) return [[]]
  return permutations(count - 1).flatMap(order =>
    Array.from({ length: count }, (_, at) => [...order.slice(0, at), count - 1, ...order.slice(at)]),
  )
}

/** 1 or -1 for an orthogonal matrix. */
function signOfDeterminant(q: Float64Array, n: number): number {
  const factors = q.slice()
  const { sign } = decompose(factors, n, n)
  let result = sign
  for (let i = 0; i < n; i++) if (factors[i * n + i]! < 0) result = -result
  return result
}

/** X E Yᵀ. */
function sandwich(x: Float64Array, e: Float64Array, y: Float64Array, n: number): Float64Array {
  const half = product(x, e, n)
  const result = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let k = 0; k < n; k++) sum += half[i * n + k]! * y[j * n + k]!
      result[i * n + j] = sum
    }
  }
  return result
}

function product(x: Float64Array, y: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = x[i * n + k]!
      if (factor !== 0) for (let j = 0; j < n; j++) result[i * n + j]! += factor * y[k * n + j]!
    }
  }
  return result
}

/** Xᵀ Y. */
function transposedProduct(x: Float64Array, y: Float64Array, n: number): Float64Array {
  const result = new Float64Array(n * n)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const factor = x[k * n + i]!
      if (factor !== 0) for (let j = 0; j < n; j++) result[i * n + j]! += factor * y[k * n + j]!
    }
  }
  return result
}
