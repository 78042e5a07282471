/** sin(πx) and cos(πx), and the derivatives of sin(πx) / (πx), on plain numbers in float64. */

/** sin(πx), exact in the reduction to one turn: 0 at every whole number, NaN at infinity. */
export function sinPi(x: number): number {
  const turn = x - 2 * Math.round(x / 2)
  const size = Math.abs(turn)
  if (size <= 0.25) return Math.sin(Math.PI * turn)
  const height = size < 0.75 ? Math.cos(Math.PI * (0.5 - size)) : Math.sin(Math.PI * (1 - size))
  return turn < 0 ? 0 - height : height
}

/** cos(πx), exact in the reduction to one turn: 0 halfway between whole numbers, NaN at infinity. */
export function cosPi(x: number): number {
  const size = Math.abs(x - 2 * Math.round(x / 2))
  if (size <= 0.25) return Math.cos(Math.PI * size)
  return size < 0.75 ? Math.sin(Math.PI * (0.5 - size)) : -Math.cos(Math.PI * (1 - size))
}

/** The derivative of the given order of sin(u) with respect to u, at u = πx. */
function sineDerivative(order: number, x: number): number {
  const value = order % 2 === 0 ? sinPi(x) : cosPi(x)
  return order % 4 < 2 ? value : -value
}

/**
 * The derivative of the given order of sinc(x) = sin(πx) / (πx).
 *
 * With u = πx and s the derivatives with respect to u, differentiating u s = sin u gives u sₙ + n sₙ₋₁ = sin⁽ⁿ⁾(u). That is
 * run upward from s₀ where |u| >= n, and downward from far above n elsewhere, as J. C. P. Miller did for Bessel functions:
 * in these directions an error shrinks. At 0 this is exact in every order.
 */
export function sincDerivative(order: number, x: number): number {
  const u = Math.PI * x
  if (order === 0) return u === 0 ? 1 : sinPi(x) / u
  const scale = Math.PI ** order
  if (!(Math.abs(u) < order + 1)) {
    let s = sinPi(x) / u
    for (let n = 1; n <= order; n++) s = (sineDerivative(n, x) - n * s) / u
    return s * scale
  }
  // Odd orders are as small as u.
  const tolerance = 1e-18 * Math.min(1, Math.abs(u))
  let top = order
  for (let error = 1; error > tolerance; error *= Math.abs(u) / top) top++
  let s = 0
  for (let n = top; n > order; n--) s = (sineDerivative(n, x) - u * s) / n
  return s * scale
}
