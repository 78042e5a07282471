/** The logarithm of the gamma function and its derivatives, on plain numbers in float64. */

import { polynomial } from './polynomial.ts'
import { cosPi, sinPi } from './trigonometryOfPi.ts'

/**
 * (ζ(k) - 1) / k for k = 2, 3, ...: the coefficients of log Γ(2 + z) = (1 - γ) z + Σ (-1)ᵏ (ζ(k) - 1) zᵏ / k
 * (Abramowitz and Stegun 6.1.33), which converges for |z| < 2.
 */
const ZETA = [
  0.3224670334241132, 0.0673523010531981, 0.020580808427784546, 0.007385551028673986, 0.0028905103307415234,
  0.001192753911703261, 0.0005096695247430425, 0.00022315475845357939, 9.945751278180853e-5,
  4.492623673813314e-5, 2.050721277567069e-5, 9.439488275268397e-6, 4.374866789907488e-6,
  2.039215753801366e-6, 9.55141213040742e-7, 4.492469198764566e-7, 2.1207184805554665e-7,
  1.0043224823968099e-7, 4.7698101693639804e-8, 2.2711094608943164e-8, 1.0838659214896955e-8,
  5.183475041970047e-9, 2.4836745438024785e-9, 1.1921401405860912e-9, 5.731367241678862e-10,
  2.7595228851242334e-10, 1.330476437424449e-10, 6.4229645638381e-11, 3.1044247747322276e-11,
  1.5021384080754142e-11, 7.275974480239079e-12, 3.527742476575915e-12, 1.711991790559618e-12,
  8.315385841420285e-13, 4.04220052528944e-13, 1.9664756310966165e-13, 9.573630387838556e-14,
  4.6640760264283744e-14, 2.2737369600659724e-14, 1.1091399470834522e-14, 5.413659156725363e-15,
  2.643880017860995e-15, 1.2918959062789966e-15, 6.315935504198448e-16,
]

/** 1 - γ, with Euler's constant. */
const ONE_MINUS_EULER = 0.42278433509846713

/** The zero of the digamma function on the positive axis, in two parts, and its Taylor coefficients there from z¹ on. */
const DIGAMMA_ZERO = 1.4616321449683622
const DIGAMMA_ZERO_REST = 9.549995429965697e-17
const DIGAMMA_AT_ZERO = [
  0.9676722454476212, -0.4427631689835921, 0.258499760955651, -0.16394270544240652, 0.10782405069126237,
  -0.07219956125645471, 0.04880428816414311, -0.03316112647484736, 0.022597648232218104, -0.01542476590494896,
  0.010538791616612175, -0.007204534386356869, 0.004926781395729853, -0.003369801655439328,
  0.002305126326734928, -0.0015769367714301972, 0.0010788252019162967, -0.0007380709389960052,
  0.000504953265834602, -0.0003454680251063077, 0.00023635601564027053, -0.00016170622091974803,
  0.0001106337276874741, -7.569179582195066e-5,
]

/** B₂ₖ / (2k (2k - 1)): Stirling's series (Abramowitz and Stegun 6.1.41). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]

/** B₂ₖ / 2k: the asymptotic series of the digamma function (Abramowitz and Stegun 6.3.18). */
const DIGAMMA_TAIL = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12, -3617 / 8160]

/** B₂ₖ / (2k)!: the Euler-Maclaurin formula. */
const EULER_MACLAURIN = [
  0.08333333333333333, -0.001388888888888889, 3.306878306878307e-5, -8.267195767195768e-7,
  2.08767569878681e-8, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225827e-13,
  8.586062056277845e-15, -2.174868698558062e-16, 5.5090028283602295e-18, -1.3954464685812522e-19,
  3.534707039629467e-21, -8.953517427037546e-23, 2.267952452337683e-24, -5.744790668872202e-26,
]

/** From here on the asymptotic series are as good as float64. */
const ASYMPTOTIC_FROM = 10

/** (log 2π - 1) / 2 */
const STIRLING_CONSTANT = 0.4189385332046727

/**
 * log |Γ(x)|, infinite at 0, -1, -2, ... and at both infinities.
 *
 * Next to its zeros at 1 and 2 the result has all of its digits; next to those on the negative axis its error is that of
 * the logarithms it is the difference of.
 */
export function logGamma(x: number): number {
  if (x >= ASYMPTOTIC_FROM) return stirling(x)
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY
  // Γ(x) Γ(-x) = -π / (x sin πx)
  if (x < -ASYMPTOTIC_FROM) {
    if (x === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY
    return Math.log(Math.PI / Math.abs(x * sinPi(x))) - stirling(-x)
  }
  if (Math.abs(x) < 0.5) return logGammaFromTwo(x) - Math.log(Math.abs(x * (1 + x)))
  if (x >= 0.5 && x < 1.25) return logGammaFromTwo(x - 1) - Math.log1p(x - 1)
  // Γ(x + 1) = x Γ(x), as often as it takes.
  let [y, product] = [x, 1]
  for (; y > 2.5; product *= y) y--
  if (x > 2.5) return Math.log(product) + logGammaFromTwo(y - 2)
  for (; y < 1.25; y++) product *= y
  return logGammaFromTwo(y - 2) - Math.log(Math.abs(product))
}

/** log Γ(2 + z) for -0.75 <= z <= 0.5. */
export function logGammaFromTwo(z: number): number {
  return z * (ONE_MINUS_EULER + z * polynomial(ZETA, -z))
}

function stirling(x: number): number {
  const inverse = 1 / x
  return (
    (x - 0.5) * (Math.log(x) - 1) + (STIRLING_CONSTANT + inverse * polynomial(STIRLING, inverse * inverse))
  )
}

/** ψ(x) = Γ'(x) / Γ(x): ∓infinity at ±0, where the sign is known, and NaN at the other poles. */
function digamma(x: number): number {
  if (x >= ASYMPTOTIC_FROM) return digammaTail(x)
  if (x === 0) return -1 / x
  if (x < 0 && Number.isInteger(x)) return Number.NaN
  if (x < -ASYMPTOTIC_FROM) return digammaTail(-x) - 1 / x - (Math.PI * cosPi(x)) / sinPi(x)
  if (Math.abs(x) < 0.5) return digammaFromTwo(x) - 1 / (1 + x) - 1 / x
  if (x >= 0.5 && x < 1.16) return digammaFromTwo(x - 1) - 1 / x
  // ψ(x + 1) = ψ(x) + 1/x, as often as it takes.
  let [y, sum] = [x, 0]
  for (; y > 2.5; sum += 1 / y) y--
  for (; y < 1.16; y++) sum -= 1 / y
  const base = y < 1.76 ? digammaFromZero(y - DIGAMMA_ZERO - DIGAMMA_ZERO_REST) : digammaFromTwo(y - 2)
  return base + sum
}

/** ψ(2 + z) for -0.5 <= z <= 0.5: the derivative of {@link logGammaFromTwo}. */
function digammaFromTwo(z: number): number {
  let sum = 0
  for (let k = ZETA.length - 1; k >= 0; k--) sum = (k + 2) * ZETA[k]! - z * sum
  return ONE_MINUS_EULER + z * sum
}

function digammaFromZero(z: number): number {
  return z * polynomial(DIGAMMA_AT_ZERO, z)
}

function digammaTail(x: number): number {
  const inverse = 1 / x
  const square = inverse * inverse
  return Math.log(x) - 0.5 * inverse - square * polynomial(DIGAMMA_TAIL, square)
}

/** Highest order of {@link polygamma}: beyond it, n! is no number of float64. */
export const HIGHEST_POLYGAMMA = 170

/** Above this order the terms next to a pole are all that counts on the negative axis. */
const NEARBY_FROM = 20

/**
 * The derivative of the given order of ψ, as a function of x; order 0 is ψ itself.
 *
 * With n the order it is (-1)ⁿ⁺¹ n! Σ (x + k)⁻ⁿ⁻¹ over k >= 0. For x > 0 the terms are positive: a few are added, and the
 * rest is given by the Euler-Maclaurin formula. For x < 0 the reflection formula (Abramowitz and Stegun 6.4.7) leads there;
 * for high orders only the terms near x count. At a pole, odd orders are infinite; even ones change sign there and
 * are NaN, but at ±0, which says from which side it is seen.
 */
export function polygamma(order: number): (x: number) => number {
  if (order === 0) return digamma
  const sign = order % 2 === 1 ? 1 : -1
  const cotangent = order > NEARBY_FROM ? [] : cotangentDerivative(order)
  return x => {
    if (x > 0) return sign * powerSum(order, x)
    if (x === 0) return sign === 1 ? Number.POSITIVE_INFINITY : -1 / x
    if (Number.isInteger(x)) return sign === 1 ? Number.POSITIVE_INFINITY : Number.NaN
    if (!(x > Number.NEGATIVE_INFINITY)) return Number.NaN
    if (x > -0.5) return sign * (inversePower(order, x) + powerSum(order, x + 1))
    if (order > NEARBY_FROM) return sign * nearbySum(order, x)
    const slope = polynomial(cotangent, cosPi(x) / sinPi(x))
    return -(Math.PI ** (order + 1)) * slope - powerSum(order, 1 - x)
  }
}

/** n! / yⁿ⁺¹ without overflow of either part. */
function inversePower(order: number, y: number): number {
  let term = 1 / y
  for (let j = 1; j <= order; j++) term *= j / y
  return term
}

/** n! Σ (x + k)⁻ⁿ⁻¹ over k >= 0, for x > 0. */
function powerSum(order: number, x: number): number {
  const from = order + 10
  let y = x
  let sum = 0
  for (; y < from; y++) {
    const term = inversePower(order, y)
    sum += term
    if (term < 1e-18 * sum && y > x + 1) return sum
  }
  const square = 1 / (y * y)
  let tail = order / (2 * y)
  let power = order * (order + 1) * square
  for (let k = 0; k < EULER_MACLAURIN.length; k++) {
    const term = EULER_MACLAURIN[k]! * power
    tail += term
    if (Math.abs(term) < 1e-18) break
    const next = order + 2 * k + 2
    power *= next * (next + 1) * square
  }
  return sum + inversePower(order - 1, y) * (1 + tail)
}

/** The terms of {@link powerSum} near a negative x; the others are below rounding when the order is high. */
function nearbySum(order: number, x: number): number {
  const pole = Math.round(x)
  const distance = x - pole
  let sum = 0
  for (let j = 12; j >= -12; j--) if (j >= pole) sum += inversePower(order, distance + j)
  return sum
}

/** The coefficients of the polynomial in c = cot u that is the derivative of the given order of cot u, constant first. */
function cotangentDerivative(order: number): readonly number[] {
  let coefficients = [0, 1]
  for (let n = 0; n < order; n++) {
    // dc/du = -(1 + c²)
    const next = new Array<number>(coefficients.length + 1).fill(0)
    for (let k = 1; k < coefficients.length; k++) {
      next[k - 1]! -= k * coefficients[k]!
      next[k + 1]! -= k * coefficients[k]!
    }
    coefficients = next
  }
  return coefficients
}
