/**
 * The matrix exponential and its derivatives of every order, in float64.
 *
 * A derivative along E₁ ... E_k is a coefficient of exp(A + ε₁ E₁ + ... + ε_k E_k) where every ε squares to 0. So the
 * algorithm for the exponential runs on "jets": matrices with one coefficient for each product of ε's. This does the work
 * of the usual block matrix [[A, E], [0, A]] (R. Mathias, 1996; N. Higham, "Functions of Matrices", 2008, 10.6), without
 * its zeros, and the result is exactly linear in each direction.
 */

import { decompose, solveDecomposed } from './luDecomposition.ts'
import { matrixProduct } from './matrixProduct.ts'

/** Coefficients by subset of the directions, as bits: entry 0 is the matrix itself. `undefined` is 0. */
type Jet = (Float64Array | undefined)[]

/**
 * Degree of the Padé approximant and the 1-norm up to which it and its derivative are exact to rounding: A. Al-Mohy and
 * N. Higham, "Computing the Fréchet derivative of the matrix exponential", SIAM J. Matrix Anal. Appl. 30 (2009), table 6.1;
 * the last one is half of theirs, because the denominator cancels more digits above it than one more squaring loses.
 */
const DEGREES: readonly (readonly [degree: number, norm: number])[] = [
  [3, 1.08e-2],
  [5, 2e-1],
  [7, 7.83e-1],
  [9, 1.78],
  [13, 2.37],
]

/** The derivative of exp at an [n, n] matrix along each of the directions once; exp itself for none. */
export function matrixExponential(
  matrix: Float64Array,
  directions: readonly Float64Array[],
  n: number,
): Float64Array {
  const norm = oneNorm(matrix, n)
  if (!Number.isFinite(norm)) return new Float64Array(n * n).fill(Number.NaN)
  // Higher derivatives take more terms.
  const enough = directions.length < 2 ? DEGREES.find(([, bound]) => norm <= bound) : undefined
  const [degree, largest] = enough ?? DEGREES.at(-1)!
  const squarings = norm <= largest ? 0 : Math.ceil(Math.log2(norm / largest))
  const jet: Jet = new Array<Float64Array | undefined>(1 << directions.length).fill(undefined)
  jet[0] = matrix
  for (const [k, direction] of directions.entries()) jet[1 << k] = direction
  let result = pade(scaled(jet, 2 ** -squarings), degree, n)
  for (let i = 0; i < squarings; i++) result = product(result, result, n)
  return result.at(-1) ?? new Float64Array(n * n)
}

/** q(A)⁻¹ p(A): scaling and squaring after N. Higham, SIAM J. Matrix Anal. Appl. 26 (2005). */
function pade(a: Jet, degree: number, n: number): Jet {
  const b = padeCoefficients(degree)
  const a2 = product(a, a, n)
  const even: Jet[] = [identityJet(a.length, n), a2]
  for (let power = 4; power <= Math.min(degree - 1, degree === 13 ? 6 : 8); power += 2) {
    even.push(product(even.at(-1)!, a2, n))
  }
  /** Σ b[2j + odd] A^(2j) over the powers that are at hand, from j = `first` on. */
  const combine = (odd: number, first: number): Jet =>
    even
      .map((power, j) => scaled(power, b[2 * (j + first) + odd] ?? 0))
      .reduce((left, right) => sum(left, right, n))
  let [odd, other] = [combine(1, 0), combine(0, 0)]
  if (degree === 13) {
    // The powers above 6 are those up to 6 times A⁶; the part without A to a power above 6 is there already.
    const high = (parity: number): Jet => {
      const terms = [1, 2, 3].map(j => scaled(even[j]!, b[6 + 2 * j + parity] ?? 0))
      return product(
        even[3]!,
        terms.reduce((left, right) => sum(left, right, n)),
        n,
      )
    }
    odd = sum(odd, high(1), n)
    other = sum(other, high(0), n)
  }
  const u = product(a, odd, n)
  return quotient(sum(other, scaled(u, -1), n), sum(other, u, n), n)
}

/** Coefficients of the numerator of the [m/m] Padé approximant of exp, the first one 1. */
function padeCoefficients(m: number): number[] {
  const b = [1]
  for (let j = 1; j <= m; j++) b.push((b[j - 1]! * (m - j + 1)) / ((2 * m - j + 1) * j))
  return b
}

function identityJet(length: number, n: number): Jet {
  const result: Jet = new Array<Float64Array | undefined>(length).fill(undefined)
  const identity = new Float64Array(n * n)
  for (let i = 0; i < n; i++) identity[i * n + i] = 1
  result[0] = identity
  return result
}

function scaled(x: Jet, factor: number): Jet {
  return x.map(coefficient => coefficient?.map(value => value * factor))
}

function sum(x: Jet, y: Jet, n: number): Jet {
  return x.map((left, i) => {
    const right = y[i]
    if (left === undefined || right === undefined) return left ?? right
    const total = new Float64Array(n * n)
    for (let k = 0; k < total.length; k++) total[k] = left[k]! + right[k]!
    return total
  })
}

/** The product of jets: a product of ε's is left when it is shared out between the two factors. */
function product(x: Jet, y: Jet, n: number): Jet {
  return x.map((_, subset) => {
    let total: Float64Array | undefined
    for (let part = subset; ; part = (part - 1) & subset) {
      const [left, right] = [x[part], y[subset ^ part]]
      if (left !== undefined && right !== undefined) total = added(total, times(left, right, n))
      if (part === 0) break
    }
    return total
  })
}

/** X⁻¹ Y: the coefficients follow one after the other from X R = Y. */
function quotient(x: Jet, y: Jet, n: number): Jet {
  const factors = x[0]!.slice()
  const { rows } = decompose(factors, n, n)
  const result: Jet = []
  for (let subset = 0; subset < y.length; subset++) {
    let rest = y[subset]
    for (let part = subset; part > 0; part = (part - 1) & subset) {
      const [left, right] = [x[part], result[subset ^ part]]
      if (left === undefined || right === undefined) continue
      const known = times(left, right, n)
      rest = added(
        rest,
        known.map(value => -value),
      )
    }
    result.push(rest && solveDecomposed(factors, rows, n, rest, n))
  }
  return result
}

function added(total: Float64Array | undefined, term: Float64Array): Float64Array {
  if (total === undefined) return term
  return total.map((value, i) => value + term[i]!)
}

function times(x: Float64Array, y: Float64Array, n: number): Float64Array {
  const storage = new Float64Array(n * n)
  matrixProduct(n, n, n, flat(x, n), 0, flat(y, n), 0, flat(storage, n), 0)
  return storage
}

function flat(
  storage: Float64Array,
  n: number,
): {
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly storage: Float64Array
  readonly offset: number
  readonly contiguous: boolean
  readonly size: number
} {
  return { shape: [n, n], strides: [n, 1], storage, offset: 0, contiguous: true, size: n * n }
}

/** The largest sum of sizes in a column. */
function oneNorm(a: Float64Array, n: number): number {
  let largest = 0
  for (let j = 0; j < n; j++) {
    let total = 0
    for (let i = 0; i < n; i++) total += Math.abs(a[i * n + j]!)
    if (!(total <= largest)) largest = total
  }
  return largest
}
