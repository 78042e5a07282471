/** The error function, its complement and its inverse, on plain numbers in float64. */

import { polynomial } from './polynomial.ts'

/**
 * W. J. Cody, "Rational Chebyshev approximations for the error function", Mathematics of Computation 23 (1969), 631-637:
 * one quotient of polynomials for each of |x| < 0.46875, |x| <= 4 and beyond. Constants come first.
 */
const SMALL_NUMERATOR = [
  3209.37758913846947, 377.485237685302021, 113.864154151050156, 3.1611237438705656, 0.185777706184603153,
]
const SMALL_DENOMINATOR = [
  2844.23683343917062, 1282.61652607737228, 244.024637934444173, 23.6012909523441209, 1,
]
const MIDDLE_NUMERATOR = [
  1230.33935479799725, 2051.07837782607147, 1712.04761263407058, 881.95222124176909, 298.635138197400131,
  66.1191906371416295, 8.88314979438837594, 0.564188496988670089, 2.15311535474403846e-8,
]
const MIDDLE_DENOMINATOR = [
  1230.33935480374942, 3439.36767414372164, 4362.61909014324716, 3290.79923573345963, 1621.38957456669019,
  537.181101862009858, 117.693950891312499, 15.7449261107098347, 1,
]
const LARGE_NUMERATOR = [
  -0.000658749161529837803, -0.0160837851487422766, -0.125781726111229246, -0.360344899949804439,
  -0.305326634961232344, -0.0163153871373020978,
]
const LARGE_DENOMINATOR = [
  0.00233520497626869185, 0.0605183413124413191, 0.527905102951428412, 1.87295284992346047,
  2.56852019228982242, 1,
]

/**
 * M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied Statistics 37 (1988),
 * 477-484 (PPND16): the normal quantile near the middle, in the tails, and far out. Constants come first.
 */
const CENTRAL_NUMERATOR = [
  3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
  45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
]
const CENTRAL_DENOMINATOR = [
  1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867,
  39307.89580009271061, 28729.085735721942674, 5226.495278852854561,
]
const TAIL_NUMERATOR = [
  1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
  1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 0.00077454501427834140764,
]
const TAIL_DENOMINATOR = [
  1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
  0.0151986665636164571966, 0.00054759380849953446, 1.05075007164441684324e-9,
]
const FAR_NUMERATOR = [
  6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
  0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
]
const FAR_DENOMINATOR = [
  1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 0.0007868691311456132591,
  1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
]

/** Beyond it the polynomials of Cody's middle interval end. */
const MIDDLE_END = 4
const SMALL_END = 0.46875

/** 1/√π and 2/√π. */
const INVERSE_ROOT_OF_PI = 0.5641895835477563
const TWO_BY_ROOT_OF_PI = 1.1283791670955126

/**
 * exp(-x²). The rounding error of x² would be multiplied by x² in the result, so x is split into a part whose square is
 * exact and a rest.
 */
export function gaussian(x: number): number {
  const size = Math.abs(x)
  if (size > 28) return 0
  const head = Math.trunc(size * 0x100000) / 0x100000
  return Math.exp(-head * head) * Math.exp(-(size - head) * (size + head))
}

/** (2/√π) ∫₀ˣ exp(-t²) dt */
export function errorFunction(x: number): number {
  const size = Math.abs(x)
  if (!(size > SMALL_END)) {
    const square = x * x
    return (x * polynomial(SMALL_NUMERATOR, square)) / polynomial(SMALL_DENOMINATOR, square)
  }
  const rest = 1 - upperTail(size)
  return x < 0 ? -rest : rest
}

/** 1 - erf(x), without cancellation where that is small. */
export function complementaryErrorFunction(x: number): number {
  if (!(Math.abs(x) > SMALL_END)) return 1 - errorFunction(x)
  return x < 0 ? 2 - upperTail(-x) : upperTail(x)
}

/** erfc(x) for x above {@link SMALL_END}. */
function upperTail(x: number): number {
  if (x <= MIDDLE_END)
    return (gaussian(x) * polynomial(MIDDLE_NUMERATOR, x)) / polynomial(MIDDLE_DENOMINATOR, x)
  const inverse = 1 / (x * x)
  const bend = (inverse * polynomial(LARGE_NUMERATOR, inverse)) / polynomial(LARGE_DENOMINATOR, inverse)
  return (gaussian(x) * (INVERSE_ROOT_OF_PI + bend)) / x
}

/**
 * The y with erf(y) = x: the normal quantile at (1 + x) / 2, divided by √2, and then one step of Halley's method against
 * {@link errorFunction} or its complement, whichever has the digits.
 */
export function inverseErrorFunction(x: number): number {
  const size = Math.abs(x)
  if (!(size < 1)) return size === 1 ? x * Number.POSITIVE_INFINITY : Number.NaN
  if (size < 1e-9) return x / TWO_BY_ROOT_OF_PI
  const start = quantile(size) * Math.SQRT1_2
  // 1 - size is exact from a half on.
  const excess = size > 0.5 ? 1 - size - complementaryErrorFunction(start) : errorFunction(start) - size
  const newton = excess / (TWO_BY_ROOT_OF_PI * gaussian(start))
  const y = start - newton / (1 + start * newton)
  return x < 0 ? -y : y
}

/** The quantile of the normal distribution at (1 + x) / 2, for 0 <= x < 1. */
function quantile(x: number): number {
  const q = x / 2
  if (q <= 0.425) {
    const r = 0.180625 - q * q
    return (q * polynomial(CENTRAL_NUMERATOR, r)) / polynomial(CENTRAL_DENOMINATOR, r)
  }
  const r = Math.sqrt(-Math.log((1 - x) / 2))
  return r <= 5
    ? polynomial(TAIL_NUMERATOR, r - 1.6) / polynomial(TAIL_DENOMINATOR, r - 1.6)
    : polynomial(FAR_NUMERATOR, r - 5) / polynomial(FAR_DENOMINATOR, r - 5)
}
