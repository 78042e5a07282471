/** Modified Bessel functions of the first kind and whole order, on plain numbers in float64. */

/** From here on, at least, the asymptotic series has terms as small as the rounding of float64. */
const ASYMPTOTIC_FROM = 20

/**
 * Iₙ(x) for a whole order n >= 0.
 *
 * The ascending series (DLMF 10.25.2) has positive terms only, so it loses nothing by cancellation; for large x the
 * asymptotic one (DLMF 10.40.1) needs fewer terms and does not overflow before the result.
 */
export function modifiedBessel(order: number, x: number): number {
  const size = Math.abs(x)
  const exponent = leadingExponent(order, size)
  const sign = order % 2 === 1 ? Math.sign(x) : 1
  if (exponent < LEAST_EXPONENT) return sign * 0
  if (exponent > LARGEST_EXPONENT) return sign * Number.POSITIVE_INFINITY
  const value =
    size > Math.max(ASYMPTOTIC_FROM, (order * order) / 2) ? asymptotic(order, size) : ascending(order, size)
  return sign * value
}

/** Results beyond these powers of e, with room for the factors in front, are 0 and infinity in float64. */
const LEAST_EXPONENT = -760
const LARGEST_EXPONENT = 740

/** The exponent of the leading term for large orders, √(n² + x²) + n log(x / (n + √(n² + x²))) (DLMF 10.41.1). */
function leadingExponent(order: number, x: number): number {
  if (order === 0) return x
  const root = Math.hypot(order, x)
  return root + order * Math.log(x / (order + root))
}

const LARGE = 2 ** 512

/** (x/2)ⁿ/n! · Σ (x²/4)ᵏ / (k! (n+1)(n+2)...(n+k)), summed from the small terms to the large ones. */
function ascending(order: number, x: number): number {
  const half = x / 2
  const square = half * half
  let last = 1
  // Up to k = x/2 the terms grow; afterwards they soon fall faster than a geometric series.
  for (let term = 1; term > 1e-18 || last * (last + order) < square; last++) {
    term *= Math.min(1, square / (last * (last + order)))
  }
  // For large orders sum and front leave the range of float64 on the way to a product within it: powers of two are put aside.
  let putAside = 0
  let [sum, one] = [1, 1]
  for (let k = last; k > 0; k--) {
    sum = one + (square / (k * (k + order))) * sum
    if (sum > LARGE) {
      sum /= LARGE
      one /= LARGE
      putAside++
    }
  }
  // The rounding error of the square would count half times in the sum: it is taken back to first order.
  const correction = squareError(half, square) / (half + order + 1)
  let front = 1
  for (let k = 1; k <= order; k++) {
    front *= half / k
    if (front > LARGE) {
      front /= LARGE
      putAside++
    } else if (front < 1 / LARGE && front > 0) {
      front *= LARGE
      putAside--
    }
  }
  let value = front * (sum + sum * correction)
  for (; putAside > 0; putAside--) value *= LARGE
  for (; putAside < 0; putAside++) value /= LARGE
  return value
}

/** x² - square, exactly, by T. J. Dekker's splitting of x into two halves of its digits. */
function squareError(x: number, square: number): number {
  const shifted = 134217729 * x
  const high = shifted - (shifted - x)
  const low = x - high
  return high * high - square + 2 * high * low + low * low
}

/** eˣ / √(2πx) · Σ (-1)ᵏ (4n² - 1²)(4n² - 3²)...(4n² - (2k-1)²) / (k! (8x)ᵏ), up to the smallest term. */
function asymptotic(order: number, x: number): number {
  // Half of the exponential at a time: eˣ overflows before the result does.
  const growth = Math.exp(x / 2)
  if (growth === Number.POSITIVE_INFINITY) return growth
  const square = 4 * order * order
  let rest = 0
  let term = 1
  for (let k = 1; k < 2 * x; k++) {
    const odd = 2 * k - 1
    term *= (odd * odd - square) / (8 * k * x)
    rest += term
    if (Math.abs(term) < 1e-18) break
  }
  return growth * ((growth / Math.sqrt(2 * Math.PI * x)) * (1 + rest))
}
