/**
 * Elementary functions with the same bits on every machine: additions, multiplications, divisions and square roots alone,
 * which IEEE 754 fixes to the last bit. ECMAScript leaves `Math.exp`, `Math.log` and powers to each engine, so whatever
 * decides a random draw comes from here. `logarithm` and `exponential` are within one unit in the last place.
 */

import { logGammaFromTwo } from './gamma.ts'
import { polynomial } from './polynomial.ts'

/** log 2 in two parts: the first has so few digits that small multiples of it are exact. */
const LOG2_HIGH = 6.9314718036912381649e-1
const LOG2_LOW = 1.90821492927058770002e-10

const BITS: DataView = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

/**
 * Natural logarithm, of a positive number. x = m 2^-k with m in [sqrt(1/2), sqrt(2)); with f = m - 1 and
 * s = f / (2 + f), log m = 2 artanh(s) = 2 (s + s^3/3 + s^5/5 + ...), written as f minus a small correction so that
 * little is rounded: log m = f - (f²/2 - s (f²/2 + R)), R = 2 (s²/3 + s^4/5 + ...).
 */
export function logarithm(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN
  if (x === Number.POSITIVE_INFINITY) return x
  const isSubnormal = x < 2.2250738585072014e-308
  BITS.setFloat64(0, isSubnormal ? x * 18014398509481984 : x)
  const high = BITS.getUint32(0)
  // The exponent field gives m in [1, 2); its upper half is taken down to [sqrt(1/2), 1).
  BITS.setUint32(0, (high & 0x000fffff) | 0x3ff00000)
  let m = BITS.getFloat64(0)
  let k = 1023 - (high >>> 20) + (isSubnormal ? 54 : 0)
  if (0.5 * m >= Math.SQRT1_2) {
    m *= 0.5
    k--
  }
  const f = m - 1
  const s = f / (2 + f)
  const square = s * s
  let series = 0
  for (let odd = 25; odd >= 3; odd -= 2) series = square * (series + 2 / odd)
  const half = 0.5 * f * f
  return f - (half - (s * (half + series) - k * LOG2_LOW)) - k * LOG2_HIGH
}

/** 1 / 2!, 1 / 3!, ..., 1 / 14!: e^r = 1 + r + r² (1/2! + r/3! + ...). */
const EXPONENTIAL_SERIES: readonly number[] = /* @__PURE__ */ (() => {
  const terms: number[] = []
  for (let n = 2, factorial = 2; n <= 14; n++, factorial *= n) terms.push(1 / factorial)
  return terms
})()

/** e^x. x = k log 2 + r with |r| <= log(2) / 2, and 2^k is put together from its bits. */
export function exponential(x: number): number {
  if (!(x < 709.782712893384)) return x > 709 ? Number.POSITIVE_INFINITY : Number.NaN
  if (x < -745.1332191019412) return 0
  const k = Math.floor(x / 0.6931471805599453 + 0.5)
  const high = x - k * LOG2_HIGH
  const r = high - k * LOG2_LOW
  // What rounding took from r comes back in the last step.
  const lost = high - r - k * LOG2_LOW
  const value = 1 + (r + (r * r * polynomial(EXPONENTIAL_SERIES, r) + lost))
  // In two halves: 2^k alone may lie outside of the normal numbers.
  const half = Math.floor(k / 2)
  return value * powerOfTwo(half) * powerOfTwo(k - half)
}

/** 2^k for -1022 <= k <= 1023. */
function powerOfTwo(k: number): number {
  BITS.setUint32(0, (k + 1023) << 20)
  BITS.setUint32(4, 0)
  return BITS.getFloat64(0)
}

/** 1 / 2!, ..., 1 / 18! */
const REMAINDER_SERIES: readonly number[] = /* @__PURE__ */ (() => {
  const terms: number[] = []
  for (let n = 2, factorial = 2; n <= 18; n++, factorial *= n) terms.push(1 / factorial)
  return terms
})()

/** e^x - 1 - x, without the cancellation near 0. */
export function exponentialRemainder(x: number): number {
  return Math.abs(x) < 0.7 ? x * x * polynomial(REMAINDER_SERIES, x) : exponential(x) - 1 - x
}

/** Bernoulli numbers over 2k (2k - 1): the coefficients of Stirling's series in 1/x², the first one of 1/x. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400]
/** (log 2π - 1) / 2 */
const HALF_LOG_TWO_PI_LESS_ONE = 0.4189385332046727418

/** What Stirling's formula lacks: log Γ(x) - ((x - 1/2) log x - x + log(2π)/2), for x >= 10. */
export function stirlingRemainder(x: number): number {
  return polynomial(STIRLING, 1 / (x * x)) / x
}

/** log Γ(x) of a positive number. Γ(x + 1) = x Γ(x) leads small ones to the Taylor series about 2, its zero. */
export function logGamma(x: number): number {
  if (x >= 12) {
    return (x - 0.5) * (logarithm(x) - 1) + (HALF_LOG_TWO_PI_LESS_ONE + stirlingRemainder(x))
  }
  let [shifted, above, below] = [x, 1, 1]
  for (; shifted > 2.5; above *= shifted) shifted--
  for (; shifted < 1.25; shifted++) below *= shifted
  const series = logGammaFromTwo(shifted - 2)
  if (below !== 1) return series - logarithm(below)
  return above === 1 ? series : series + logarithm(above)
}
