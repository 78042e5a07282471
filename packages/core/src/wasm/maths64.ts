/**
 * Transcendental functions of two numbers of double precision. Every operation is rounded as IEEE 754 says, so the results
 * have the same bits on every machine. The bounds that the comments state are in units in the last place; tests assert them.
 *
 * The polynomials are the best ones in the sense of Chebyshev, found by E. Y. Remez's exchange algorithm; the reductions are
 * those of W. J. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980.
 */

import type { FunctionBuilder, Local } from './assembler.ts'
import type { V128 } from './code.ts'
import { f64x2, i32x4, i64x2, v128 } from './instructions.ts'
import { atLeast, atMost, keep, polynomial, withSignOf } from './lanes.ts'

const { const: c, add, sub, mul, div } = f64x2

/** Adding this moves the whole part of a small number to the lowest bits. */
const WHOLE = 1.5 * 2 ** 52
/** log 2 in two parts; the first has zeros enough for exact products with exponents. */
const LOG2_HIGH = 6.9314718036912381649e-1
const LOG2_LOW = 1.90821492927058770002e-10

/** (e^r - 1 - r) / r² for |r| up to log(2) / 2, to 2^-61 of r. */
const EXP = [
  0.5, 0.16666666666666677, 0.0416666666666667, 0.008333333333321579, 0.001388888888886677,
  0.00019841269886266768, 2.480158736069383e-5, 2.7557244061389066e-6, 2.755724264038725e-7,
  2.5109090597855563e-8, 2.0924480613956892e-9,
]
/** The same to 2^-32. */
const EXP_FOR_SINGLE = [
  0.50000000465249, 0.1666666681743125, 0.04166635416486522, 0.008333272955236554, 0.001394105000444333,
  0.00019914227440307546,
]
/** (artanh(s) / s - 1) / s² as a polynomial in s², for |s| up to 3 - 2√2, to 2^-66. */
const ARTANH = [
  0.3333333333333333, 0.20000000000003165, 0.14285714284529258, 0.11111111325468297, 0.0909088766640818,
  0.07693552683341395, 0.06624893659604321, 0.06627174980780509,
]
/** (atan(q) / q - 1) / q² in q², for |q| up to √2 - 1, to 2^-30: enough for a result of single precision. */
const ATAN = [
  -0.3333331542337389, 0.19998483990959845, -0.14243738633546402, 0.10595138897302023, -0.06081154153635156,
]

/** x = n log 2 + r. The lowest bits of `whole` hold n + bias. */
function reduce(f: FunctionBuilder, x: V128, bias: number) {
  const kept = keep(f, x)
  const whole = keep(f, add(mul(kept, c(Math.LOG2E)), c(WHOLE + bias)))
  const n = keep(f, sub(whole, c(WHOLE + bias)))
  const r = keep(f, sub(sub(kept, mul(n, c(LOG2_HIGH))), mul(n, c(LOG2_LOW))))
  return { whole, r }
}

/** e^r - 1 */
function expm1Reduced(f: FunctionBuilder, r: Local<'v128'>): Local<'v128'> {
  return keep(f, add(r, mul(mul(r, r), polynomial(f64x2, r, EXP))))
}

/** e^x. Error below 1. */
export function exp64(f: FunctionBuilder, x: V128): V128 {
  const { whole, r } = reduce(f, atMost(f64x2, atLeast(f64x2, x, -750), 710), 2046)
  // 2^n in two factors, whose exponents fit even where the result is subnormal or overflows.
  const half = keep(f, i64x2.shrUnsigned(whole, 1))
  const first = i64x2.shl(half, 52)
  const second = i64x2.shl(i64x2.sub(whole, half), 52)
  return mul(mul(add(expm1Reduced(f, r), c(1)), first), second)
}

/** e^x to 2^-32 for results of single precision: 0 below -708, infinite from 709.5 up. */
export function expForSingle(f: FunctionBuilder, x: V128): V128 {
  const kept = keep(f, x)
  const { whole, r } = reduce(f, atMost(f64x2, atLeast(f64x2, kept, -708), 710), 1023)
  const y = add(c(1), add(r, mul(mul(r, r), polynomial(f64x2, r, EXP_FOR_SINGLE))))
  return v128.andNot(mul(y, i64x2.shl(whole, 52)), f64x2.lt(kept, c(-708)))
}

/** e^x - 1. Error below 2. */
export function expm164(f: FunctionBuilder, x: Local<'v128'>): V128 {
  // Half of 2^n, so that 2^1024 does not overflow before its time.
  const { whole, r } = reduce(f, atMost(f64x2, atLeast(f64x2, x, -50), 710), 1022)
  const scale = keep(f, i64x2.shl(whole, 52))
  const y = add(mul(expm1Reduced(f, r), scale), sub(scale, c(0.5)))
  return v128.select(x, mul(y, c(2)), f64x2.lt(f64x2.abs(x), c(2 ** -54)))
}

/** x = 2^exponent (1 + t), 1 + t between √½ and √2. */
interface Mantissa {
  readonly exponent: Local<'v128'>
  readonly t: V128
  /** 2^-exponent */
  readonly unit: V128
}

const HIGH_BITS = /* @__PURE__ */ v128.constI32([0, -0x100000, 0, -0x100000])
/** The bits of √½. */
const ROOT_HALF = /* @__PURE__ */ c(Math.SQRT1_2)

function mantissa(f: FunctionBuilder, x: Local<'v128'>): Mantissa {
  const distance = keep(f, i64x2.sub(x, ROOT_HALF))
  const bits = keep(f, v128.and(distance, HIGH_BITS))
  const exponents = v128.shuffle32(i32x4.shr(bits, 20), bits, [1, 3, 1, 3])
  return {
    exponent: keep(f, f64x2.convertLowI32(exponents)),
    t: sub(i64x2.sub(x, bits), c(1)),
    unit: i64x2.sub(c(1), bits),
  }
}

/** exponent log 2 + log(1 + t) */
function logOf(f: FunctionBuilder, exponent: V128, t: Local<'v128'>): V128 {
  const e = keep(f, exponent)
  const s = keep(f, div(t, add(t, c(2))))
  const z = keep(f, mul(s, s))
  const half = keep(f, mul(mul(t, t), c(0.5)))
  const tail = mul(add(z, z), polynomial(f64x2, z, ARTANH))
  // log(1 + t) = t - (t²/2 - s (t²/2 + tail)): the leading term is exact.
  const small = add(mul(s, add(half, tail)), mul(e, c(LOG2_LOW)))
  return sub(mul(e, c(LOG2_HIGH)), sub(sub(half, small), t))
}

/** Replaces what the formula of a logarithm makes of 0, of infinity and of numbers that have none. */
function logSpecials(f: FunctionBuilder, y: V128, x: V128): V128 {
  const infinity = v128.and(f64x2.eq(x, c(Number.POSITIVE_INFINITY)), c(Number.POSITIVE_INFINITY))
  const known = keep(f, add(y, infinity))
  const positive = v128.select(c(Number.NEGATIVE_INFINITY), known, f64x2.eq(x, c(0)))
  // All ones are a NaN.
  return v128.or(positive, v128.not(f64x2.ge(x, c(0))))
}

/** log x. Error below 1. */
export function log64(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const isSubnormal = keep(f, f64x2.lt(x, c(2 ** -1022)))
  const normal = keep(f, v128.select(mul(x, c(2 ** 54)), x, isSubnormal))
  const { exponent, t } = mantissa(f, normal)
  const y = logOf(f, sub(exponent, v128.and(isSubnormal, c(54))), keep(f, t))
  return logSpecials(f, y, x)
}

/** log(1 + x). Error below 2. */
export function log1p64(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const sum = keep(f, add(x, c(1)))
  const { exponent, t, unit } = mantissa(f, sum)
  // What the rounding of 1 + x lost.
  const lost = v128.select(sub(c(1), sub(sum, x)), sub(x, sub(sum, c(1))), f64x2.ge(x, c(1)))
  // From 2^54 on it does not matter, and infinity has none.
  const kept = v128.and(mul(lost, unit), f64x2.lt(x, c(2 ** 54)))
  const y = keep(f, logOf(f, exponent, keep(f, add(t, kept))))
  return v128.select(x, logSpecials(f, y, sum), f64x2.lt(f64x2.abs(x), c(2 ** -54)))
}

/** Error below 3. */
export function tanh64(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const u = keep(f, expm164(f, keep(f, mul(atMost(f64x2, f64x2.abs(x), 22), c(2)))))
  return withSignOf(f64x2, div(u, add(u, c(2))), x)
}

/** 1 / (1 + e^-x). Error below 3. */
export function sigmoid64(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const small = keep(f, exp64(f, f64x2.neg(f64x2.abs(x))))
  return div(v128.select(small, c(1), f64x2.lt(x, c(0))), add(small, c(1)))
}

/** log(1 + e^-|x|) */
function softTail64(f: FunctionBuilder, x: V128): V128 {
  return log1p64(f, keep(f, exp64(f, f64x2.neg(f64x2.abs(x)))))
}

/** log(1 + e^x). Error below 3. */
export function softplus64(f: FunctionBuilder, x: Local<'v128'>): V128 {
  return add(atLeast(f64x2, x, 0), softTail64(f, x))
}

/** -log(1 + e^-x). Error below 3. */
export function logSigmoid64(f: FunctionBuilder, x: Local<'v128'>): V128 {
  return sub(atMost(f64x2, x, 0), softTail64(f, x))
}

/** e^(x²) erfc(x) (1 + 2x) in (x - 2) / (x + 2), for x from 0 to 10.2, to 2^-26. */
const SCALED_ERFC = [
  1.2769783924049334, -0.09276389494600593, -0.16603138670237386, 0.16405310237746254, -0.05420486117745188,
  -0.00804401499917512, 0.008637556349966439, 0.0012712086923562318, -0.0012530644153110446,
  -0.00036201909836636984, 2.7754930391199374e-5,
]

/** 1 - erf(x) to 2^-26, for results of single precision. */
export function erfcForSingle(f: FunctionBuilder, x: V128): V128 {
  const kept = keep(f, x)
  const size = keep(f, f64x2.abs(kept))
  const near = keep(f, atMost(f64x2, size, 10.2))
  const t = keep(f, div(sub(near, c(2)), add(near, c(2))))
  const scaled = div(polynomial(f64x2, t, SCALED_ERFC), add(add(near, near), c(1)))
  const y = keep(f, mul(expForSingle(f, f64x2.neg(mul(size, size))), scaled))
  return v128.select(sub(c(2), y), y, f64x2.lt(kept, c(0)))
}

/** atan x to 2^-30: for results of single precision. */
export function atanForSingle(f: FunctionBuilder, x: V128): V128 {
  const kept = keep(f, x)
  const size = keep(f, f64x2.abs(kept))
  const isLarge = keep(f, f64x2.gt(size, c(Math.SQRT2 + 1)))
  const isMiddle = keep(f, f64x2.gt(size, c(Math.SQRT2 - 1)))
  const over = v128.select(c(-1), v128.select(sub(size, c(1)), size, isMiddle), isLarge)
  const under = v128.select(size, v128.select(add(size, c(1)), c(1), isMiddle), isLarge)
  const start = keep(f, v128.select(c(Math.PI / 2), v128.and(c(Math.PI / 4), isMiddle), isLarge))
  const q = keep(f, div(over, under))
  const z = keep(f, mul(q, q))
  const y = add(start, add(q, mul(mul(q, z), polynomial(f64x2, z, ATAN))))
  return withSignOf(f64x2, y, kept)
}
