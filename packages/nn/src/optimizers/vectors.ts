/** The little linear algebra of LBFGS, on flat arrays in double precision. */

/** Σ aᵢ bᵢ */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** a + s b */
export function plus(a: Float64Array, b: Float64Array, s: number): Float64Array {
  return a.map((x, i) => x + s * b[i]!)
}

/** s a */
export function scaled(a: Float64Array, s: number): Float64Array {
  return a.map(x => s * x)
}

/** max |aᵢ|, NaN when there is one. */
export function largest(a: Float64Array): number {
  return a.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
}
