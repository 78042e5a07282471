/**
 * The gamma distribution with concentration α on a logarithmic scale: of Y = log X, with the density
 * f(α, y) = e^(α y - e^y) / Γ(α) and the distribution function F(α, y) = P(α, e^y), the regularised incomplete gamma
 * function. Quantiles, and derivatives of F with respect to α. What decides a draw is made of `portable.ts`.
 *
 * Both tails are taken in units of the density, so that nothing underflows:
 * - F / f = S / α with S = Σ x^k / ((α + 1) ... (α + k)), for x < α + 1;
 * - (1 - F) / f = 1 / (x + 1 - α - 1 (1 - α) / (x + 3 - α - 2 (2 - α) / (x + 5 - α - ...))), for the other x;
 * - where α is large both take many terms near x = α, and (1 - F) / f = ∫ e^(α v - x (e^v - 1)) dv over v > 0, F / f the
 *   same over v < 0, take 48 nodes instead.
 * Series and continued fraction: Abramowitz and Stegun, 6.5.29 and 6.5.31. The integral is Γ(α, x) = ∫ t^(α - 1) e^-t dt
 * with t = x e^v.
 */

import { polygamma } from './gamma.ts'
import { inverseNormal } from './inverseNormal.ts'
import { exponential, exponentialRemainder, logarithm, logGamma, stirlingRemainder } from './portable.ts'

/** From here on y is measured from log α, which keeps the digits that a spread of 1/sqrt(α) needs. */
const CENTRED = 16
/** From here on the integral is used. */
const LARGE = 400
const EPSILON = 2 ** -54

/** The positive nodes and the weights of Gauss and Legendre's rule of 16 points on [-1, 1]. */
const NODES = [
  0.09501250983763744019, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484,
  0.7554044083550030339, 0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326,
]
const WEIGHTS = [
  0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382, 0.1495959888165767321,
  0.1246289712555338721, 0.09515851168249278481, 0.06225352393864789286, 0.02715245941175409485,
]
const PARTS = 3

/** ∫ v^m e^(-side d v - x (e^(side v) - 1 - side v)) dv over v > 0, where d = x - α: a tail, and its moments. */
function tailMoments(alpha: number, t: number, side: 1 | -1, moments: Float64Array): void {
  const remainder = exponentialRemainder(t)
  const x = alpha * (1 + t + remainder)
  const slope = side * alpha * (t + remainder)
  // Past `end` the integrand is below e^-45, 4e-20.
  const end = Math.min(slope > 0 ? 45 / slope : Number.POSITIVE_INFINITY, Math.sqrt(90 / x) * 1.25)
  moments.fill(0)
  const half = end / (2 * PARTS)
  for (let part = PARTS - 1; part >= 0; part--) {
    for (let node = 15; node >= 0; node--) {
      const i = node >= 8 ? node - 8 : 7 - node
      const v = half * (2 * part + 1 + (node >= 8 ? NODES[i]! : -NODES[i]!))
      let term = half * WEIGHTS[i]! * exponential(-slope * v - x * exponentialRemainder(side * v))
      for (let m = 0; m < moments.length; m++) {
        moments[m]! += term
        term *= side * v
      }
    }
  }
}

const ONE_MOMENT: Float64Array = /* @__PURE__ */ new Float64Array(1)

/** The origin of {@link logDensity} and of the quantile's iteration. */
function originOf(alpha: number): number {
  return alpha < CENTRED ? 0 : logarithm(alpha)
}

/** log f(α, origin + t). */
function logDensity(alpha: number, t: number): number {
  if (alpha < CENTRED) return alpha * t - exponential(t) + logarithm(alpha) - logGamma(alpha + 1)
  const scale = 0.5 * logarithm(alpha * 0.15915494309189533577)
  return scale - stirlingRemainder(alpha) - alpha * exponentialRemainder(t)
}

/** F / f at origin + t, or, where the upper tail is the one to compute, (1 - F) / f with a minus sign. */
function signedRatio(alpha: number, t: number): number {
  if (alpha >= LARGE) {
    const side = t <= 0 ? -1 : 1
    tailMoments(alpha, t, side, ONE_MOMENT)
    return -side * ONE_MOMENT[0]!
  }
  const x = (alpha < CENTRED ? 1 : alpha) * exponential(t)
  return x < alpha + 1 ? lowerSeries(alpha, x) / alpha : -1 / fraction(alpha, x)
}

/** S. */
function lowerSeries(alpha: number, x: number): number {
  let term = 1
  let total = 1
  for (let k = 1; term > EPSILON * total; k++) {
    term *= x / (alpha + k)
    total += term
  }
  return total
}

/** x + 1 - α - 1 (1 - α) / (x + 3 - α - ...), by W. Lentz' method, Applied Optics 15 (1976). */
function fraction(alpha: number, x: number): number {
  let value = x + 1 - alpha
  let c = value
  let d = 0
  for (let i = 1; i < 5000; i++) {
    const a = i * (alpha - i)
    const b = x + 2 * i + 1 - alpha
    d = 1 / (b + a * d)
    c = b + a / c
    const factor = c * d
    value *= factor
    if (Math.abs(factor - 1) <= 4 * EPSILON) break
  }
  return value
}

/**
 * log x for P(α, x) = u: the logarithm of the quantile of the gamma distribution. NaN unless α > 0 and 0 <= u <= 1.
 *
 * log F and log (1 - F) are concave in y, so Halley's iteration on the smaller of the tails converges from a fair start;
 * bounds hold it where that start was bad. Lower bound: F <= x^α / Γ(α + 1). Upper bound: P(X > α + sqrt(2 α s) + s) <= e^-s
 * (B. Laurent and P. Massart, Annals of Statistics 28 (2000), lemma 1). First guess: E. Wilson and M. Hilferty, PNAS 17 (1931).
 */
export function logGammaQuantile(alpha: number, u: number): number {
  if (!(alpha > 0 && alpha < Number.POSITIVE_INFINITY && u >= 0 && u <= 1)) return Number.NaN
  if (u === 0) return Number.NEGATIVE_INFINITY
  if (u === 1) return Number.POSITIVE_INFINITY
  const isUpper = u > 0.5
  const target = logarithm(isUpper ? 1 - u : u)
  const s = -logarithm(1 - u)
  const origin = originOf(alpha)
  let low = (logarithm(u) + logGamma(alpha + 1)) / alpha - origin
  let high = logarithm(alpha + Math.sqrt(2 * alpha * s) + s) - origin
  const spread = 1 + Math.sqrt(alpha)
  const cube = 1 - 1 / (9 * alpha) + inverseNormal(u) / (3 * Math.sqrt(alpha))
  let t = low
  if (cube > 0.1) t = Math.min(high, Math.max(low, 3 * logarithm(cube) + logarithm(alpha) - origin))
  for (let round = 0; round < 200; round++) {
    const density = logDensity(alpha, t)
    const ratio = signedRatio(alpha, t)
    const computed = density + logarithm(Math.abs(ratio))
    const tail =
      ratio > 0 === isUpper ? logarithm(Math.max(0, 1 - exponential(Math.min(0, computed)))) : computed
    const error = tail - target
    if (error > 0 === isUpper) low = t
    else high = t
    const slope = (isUpper ? -1 : 1) * exponential(density - tail)
    const newton = -error / slope
    const distance = alpha < CENTRED ? alpha - exponential(t) : -alpha * (t + exponentialRemainder(t))
    const halley = newton / Math.min(2, Math.max(0.5, 1 + 0.5 * newton * (distance - slope)))
    if (Math.abs(halley) * spread < 1e-6) return origin + t + halley
    const next = t + halley
    const inside = next > low && next < high
    if (!inside && high - low <= 1e-15 * Math.abs(t)) break
    t = inside ? next : low + 0.5 * (high - low)
  }
  return origin + t
}

/** Derivatives of F with respect to α up to this order have a kernel. */
export const HIGHEST_ORDER = 4

/**
 * -(∂^n F / ∂α^n) / f at y, for 1 <= n <= {@link HIGHEST_ORDER}; 1 / f for n = 0. All orders at once come from calculating with
 * Taylor polynomials in ε in place of numbers, at α + ε. With e(ε) = f(α + ε) / f(α), whose logarithm has the derivatives
 * y - ψ(α), -ψ'(α), ..., the tail is e times its ratio to f, and its derivatives are the coefficients of that product.
 * Near 1/α both would be large: there f / α takes the place of f.
 */
export function gammaSlope(alpha: number, y: number, order: number): number {
  if (!(alpha > 0) || Number.isNaN(y)) return Number.NaN
  const origin = originOf(alpha)
  const t = y - origin
  if (order === 0) return exponential(-logDensity(alpha, t))
  const length = order + 1
  const tail = new Float64Array(length)
  let growth: Float64Array
  let sign = -1
  if (alpha >= LARGE) {
    const side = t <= 0 ? -1 : 1
    tailMoments(alpha, t, side, tail)
    for (let m = 2, factorial = 2; m < length; m++, factorial *= m) tail[m]! /= factorial
    growth = densityGrowth(alpha, t - digammaGap(alpha), length)
    sign = side
  } else {
    const x = alpha < CENTRED ? exponential(y) : alpha * exponential(t)
    growth = densityGrowth(alpha + 1, y - polygamma(0)(alpha + 1), length)
    if (x < alpha + 1) {
      lowerSeriesPolynomial(alpha, x, tail)
      for (let m = 0; m < length; m++) tail[m]! /= alpha
    } else {
      fractionPolynomial(alpha, x, tail)
      // f = α (f / α).
      for (let m = length - 1; m > 0; m--) growth[m]! += growth[m - 1]! / alpha
      sign = 1
    }
  }
  let total = 0
  for (let m = 0; m < length; m++) total += growth[m]! * tail[order - m]!
  for (let n = 2; n <= order; n++) total *= n
  return sign * total
}

/** exp(ε first - ε² ψ'(α) / 2! - ε³ ψ''(α) / 3! - ...). */
function densityGrowth(alpha: number, first: number, length: number): Float64Array {
  // If e = exp(g) then e' = g' e, coefficient by coefficient.
  const slopes = new Float64Array(length)
  slopes[0] = first
  for (let m = 1, factorial = 1; m < length - 1; m++, factorial *= m) {
    slopes[m] = -polygamma(m)(alpha) / factorial
  }
  const growth = new Float64Array(length)
  growth[0] = 1
  for (let n = 1; n < length; n++) {
    let total = 0
    for (let m = 0; m < n; m++) total += slopes[m]! * growth[n - 1 - m]!
    growth[n] = total / n
  }
  return growth
}

function lowerSeriesPolynomial(alpha: number, x: number, total: Float64Array): void {
  const term = new Float64Array(total.length)
  term[0] = 1
  total.fill(0)
  total[0] = 1
  for (let k = 1, isSmall = false; !isSmall; k++) {
    isSmall = true
    for (let m = 0; m < term.length; m++) {
      // (term x) / (α + k + ε), one coefficient after the other.
      term[m] = (term[m]! * x - (m > 0 ? term[m - 1]! : 0)) / (alpha + k)
      total[m]! += term[m]!
      if (Math.abs(term[m]!) > EPSILON * Math.abs(total[m]!)) isSmall = false
    }
  }
}

/** The reciprocal of the continued fraction, from its last denominator backward. */
function fractionPolynomial(alpha: number, x: number, total: Float64Array): void {
  const length = total.length
  // As many terms as the numbers need; their derivatives need a few more, also where a whole α ends the fraction.
  const count = Math.ceil(20 + 1.5 * fractionTerms(alpha + 0.5, x))
  const numerator = new Float64Array(length)
  let denominator = new Float64Array(length)
  denominator[0] = x + 2 * count + 1 - alpha
  if (length > 1) denominator[1] = -1
  for (let i = count; i >= 1; i--) {
    numerator.fill(0)
    numerator[0] = i * (alpha - i)
    if (length > 1) numerator[1] = i
    const quotient = divided(numerator, denominator)
    quotient[0]! += x + 2 * i - 1 - alpha
    if (length > 1) quotient[1]! -= 1
    denominator = quotient
  }
  numerator.fill(0)
  numerator[0] = 1
  total.set(divided(numerator, denominator))
}

function fractionTerms(alpha: number, x: number): number {
  let c = x + 1 - alpha
  let d = 0
  for (let i = 1; i < 5000; i++) {
    const a = i * (alpha - i)
    const b = x + 2 * i + 1 - alpha
    d = 1 / (b + a * d)
    c = b + a / c
    if (Math.abs(c * d - 1) <= 4 * EPSILON) return i
  }
  return 5000
}

function divided(x: Float64Array, y: Float64Array): Float64Array<ArrayBuffer> {
  const quotient = new Float64Array(x.length)
  for (let n = 0; n < x.length; n++) {
    let rest = x[n]!
    for (let m = 0; m < n; m++) rest -= quotient[m]! * y[n - m]!
    quotient[n] = rest / y[0]!
  }
  return quotient
}

/** B_2k / 2k of the Bernoulli numbers. */
const DIGAMMA_SERIES = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12]

/** ψ(x) - log x, with the other sign: 1 / (2 x) + 1 / (12 x²) - ..., for large x. */
function digammaGap(x: number): number {
  const square = 1 / (x * x)
  let series = 0
  for (let k = DIGAMMA_SERIES.length - 1; k >= 0; k--) series = square * (DIGAMMA_SERIES[k]! + series)
  return -(0.5 / x + series)
}

/**
 * The smallest k with P(N <= k) >= u for N of the Poisson distribution with this rate: added up from 0 for small rates; for
 * others from the expansion of E. Cornish and R. Fisher, with the tail there from P(N <= k) = 1 - P(k + 1, rate).
 */
export function poissonQuantile(rate: number, u: number): number {
  if (!(rate >= 0 && rate < Number.POSITIVE_INFINITY && u >= 0 && u <= 1)) return Number.NaN
  if (u === 1) return rate === 0 ? 0 : Number.POSITIVE_INFINITY
  if (rate < 30) {
    let chance = exponential(-rate)
    let total = chance
    let k = 0
    // Rounding may keep the sum below u for ever; what is missing then is less than the last chances.
    while (total < u && !(k > rate && chance < 1e-18)) {
      k++
      chance *= rate / k
      total += chance
    }
    return k
  }
  const z = inverseNormal(Math.max(u, 2 ** -1000))
  let k = Math.max(0, Math.floor(rate + z * Math.sqrt(rate) + (z * z - 1) / 6 - 0.5))
  const isUpper = u > 0.5
  const wanted = isUpper ? 1 - u : u
  // P(N = k) = f(k + 1, log rate) / rate.
  const t = logarithm(rate) - originOf(k + 1)
  const density = exponential(logDensity(k + 1, t))
  const ratio = signedRatio(k + 1, t)
  const tail = density * Math.abs(ratio)
  // ratio > 0 is P(k + 1, rate) = P(N > k).
  let above = ratio > 0 ? tail : 1 - tail
  let below = ratio > 0 ? 1 - tail : tail
  let chance = density / rate
  const isEnough = (): boolean => (isUpper ? above <= wanted : below >= wanted)
  if (isEnough()) {
    for (;;) {
      above += chance
      below -= chance
      if (k === 0 || !isEnough()) return k
      chance *= k / rate
      k--
    }
  }
  while (!isEnough() && chance > 0) {
    k++
    chance *= rate / k
    above -= chance
    below += chance
  }
  return k
}

/** P(Z > z) in units of e^(-z²/2), for z >= 0 and a standard normal Z: P(Z > z) = (1 - P(1/2, z²/2)) / 2. */
function scaledNormalTail(z: number): number {
  const x = 0.5 * z * z
  // f(1/2, log x) = z e^(-z²/2) / sqrt(2 π).
  const density = z * 0.39894228040143267794
  if (x < 1.5) return 0.5 * (exponential(x) - 2 * density * lowerSeries(0.5, x))
  return (0.5 * density) / fraction(0.5, x)
}

/** P(Z > z) of a standard normal Z, accurate in the tail. */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z)
  return z > 39 ? 0 : exponential(-0.5 * z * z) * scaledNormalTail(z)
}

/** Beyond this the tail is solved for by itself. */
const FAR = 5

/** The quantile of the standard normal distribution between `low` and `high`, accurate in the tails; 0 < u < 1. */
export function truncatedNormalQuantile(low: number, high: number, u: number): number {
  const z = low + high > 0 ? -lowerHalfQuantile(-high, -low, 1 - u) : lowerHalfQuantile(low, high, u)
  return Math.min(high, Math.max(low, z))
}

/** The same where the lower bound is the farther one. */
function lowerHalfQuantile(low: number, high: number, u: number): number {
  if (high > -FAR) {
    const bottom = low < 0 ? normalTail(-low) : 1 - normalTail(low)
    // 1 - P(Z <= high) where that is small enough to matter.
    const top = high < 0 ? normalTail(-high) : 1 - normalTail(high)
    const p = bottom + u * (top - bottom)
    if (p <= 0.5) return p > 0 ? inverseNormal(p) : low
    return -inverseNormal(normalTail(high) + (1 - u) * (top - bottom))
  }
  // With a = -high: P(Z > a + w) = τ P(Z > a), where τ = ρ + u (1 - ρ) and ρ belongs to the lower bound.
  const a = -high
  const nearest = scaledNormalTail(a)
  const logRatio = (w: number): number =>
    -0.5 * w * (2 * a + w) + logarithm(scaledNormalTail(a + w) / nearest)
  const farthest = low === Number.NEGATIVE_INFINITY ? 0 : exponential(logRatio(-low - a))
  const target = logarithm(farthest + u * (1 - farthest))
  // The logarithm of the tail is concave: Newton's iteration comes from the right, and never passes the root again.
  let w = 0
  for (let round = 0; round < 50; round++) {
    const slope = 0.39894228040143267794 / scaledNormalTail(a + w)
    const step = (logRatio(w) - target) / slope
    w += step
    if (Math.abs(step) <= 1e-9 * Math.abs(w)) break
  }
  return -(a + w)
}
