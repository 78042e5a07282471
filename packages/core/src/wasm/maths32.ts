/**
 * Transcendental functions of four numbers of single precision. Every operation is rounded as IEEE 754 says, none is left to
 * the machine, so the results have the same bits everywhere. The bounds that the comments state are in units in the last
 * place (of the smallest normal number, where the result is smaller than that); tests assert them over the whole range.
 *
 * Functions that seldom decide how fast a program is are computed in double precision and rounded once: their bound is 0.51.
 */

import type { FunctionBuilder, Local } from './assembler.ts'
import type { Code, I32, V128 } from './code.ts'
import { f32, f32x4, f64, f64x2, i32, i32x4, i64, select, v128 } from './instructions.ts'
import { atLeast, atMost, inDoubles, keep, polynomial, withSignOf } from './lanes.ts'
import { atanForSingle, erfcForSingle, exp64, expForSingle, expm164, log1p64, log64 } from './maths64.ts'

const { const: c, add, sub, mul, div } = f32x4

/** Adding this moves the whole part of a small number to the lowest bits. */
const WHOLE = 1.5 * 2 ** 23
/** log 2 in two parts; the first has zeros enough for exact products with exponents. */
const LOG2_HIGH = 0.693359375
const LOG2_LOW = -2.12194440054691e-4

/** (e^r - 1 - r) / r² for |r| up to log(2) / 2, to 2^-26 of r. */
const EXP = [
  0.5000000062082, 0.1666654279380047, 0.04166628140490985, 0.00836661061035514, 0.0013946496848812305,
]
/** (2^r - 1) / r for |r| up to 1/2, to 2^-29. */
const EXP2 = [
  0.6931472064021904, 0.24022651349807944, 0.055503274589784546, 0.00961800338984688, 0.0013400403129412897,
  0.00015476445599220517,
]
/** (log(1 + t) - t + t²/2) / t³ for 1 + t between √½ and √2, to 2^-27 of t². */
const LOG = [
  0.33333316558105214, -0.2500081599183362, 0.200023033683799, -0.1662435018928165, 0.14180686030868686,
  -0.1313042517418695, 0.12885938919281192, -0.07860105111356709,
]
/** (sin(r) / r - 1) / r² in r², for |r| up to π/4, to 2^-28. */
const SIN = [-0.16666654873480552, 0.00833217354338859, -0.0001951665583398086]
/** (cos(r) - 1 + r²/2) / r⁴ in r², to 2^-33. */
const COS = [0.04166664674778386, -0.0013887361450489152, 2.4437730124956682e-5]
/** (tan(r) / r - 1) / r² in r², to 2^-29. */
const TAN = [
  0.33333351741684497, 0.13332599424930505, 0.05406675505235448, 0.021248578377304053, 0.010919254381480269,
  -1.2299880780932462e-5, 0.004424842582181158,
]
/** erf(x) / x - 1 in x², for |x| up to 1, to 2^-29. */
const ERF = [
  0.12837916589815165, -0.3761262700395137, 0.1128359840698621, -0.02685435934774032, 0.0051893521642762015,
  -0.0008019046498951156, 7.882582845758573e-5,
]
/** -log(erfc(x)) / x for x between 0.9 and 4, to 2^-28 of erfc. */
const LOG_ERFC = [
  1.1285166027145659, 0.6357112470782609, 0.10527050541434035, -0.022895124803358972, 0.0032164513313467425,
  -0.0002141538327657333,
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
  return keep(f, add(r, mul(mul(r, r), polynomial(f32x4, r, EXP))))
}

/** y 2^n, in two steps, whose exponents fit even where the result is subnormal or overflows; `whole` holds n + 254. */
function timesPower(f: FunctionBuilder, y: V128, whole: Local<'v128'>): V128 {
  const half = keep(f, i32x4.shr(whole, 1))
  return mul(mul(y, i32x4.shl(half, 23)), i32x4.shl(i32x4.sub(whole, half), 23))
}

/** e^x. Error below 1. */
export function exp32(f: FunctionBuilder, x: V128): V128 {
  const { whole, r } = reduce(f, atMost(f32x4, atLeast(f32x4, x, -104), 89), 254)
  return timesPower(f, add(expm1Reduced(f, r), c(1)), whole)
}

/** e^-|x|. Error below 1. */
function expOfNegativeSize(f: FunctionBuilder, x: V128): V128 {
  const { whole, r } = reduce(f, atLeast(f32x4, f32x4.neg(f32x4.abs(x)), -104), 254)
  return timesPower(f, add(expm1Reduced(f, r), c(1)), whole)
}

/** 2^x. Error below 1.5, and none where x is a whole number. */
export function exp232(f: FunctionBuilder, x: V128): V128 {
  const kept = keep(f, atMost(f32x4, atLeast(f32x4, x, -151), 129))
  const whole = keep(f, add(kept, c(WHOLE + 254)))
  const r = keep(f, sub(kept, sub(whole, c(WHOLE + 254))))
  return timesPower(f, add(mul(r, polynomial(f32x4, r, EXP2)), c(1)), whole)
}

/** e^x - 1. Error below 2. */
export function expm132(f: FunctionBuilder, x: Local<'v128'>): V128 {
  // Half of 2^n, so that 2^128 does not overflow before its time.
  const { whole, r } = reduce(f, atMost(f32x4, atLeast(f32x4, x, -30), 89), 126)
  const scale = keep(f, i32x4.shl(whole, 23))
  const y = add(mul(expm1Reduced(f, r), scale), sub(scale, c(0.5)))
  return v128.select(x, mul(y, c(2)), f32x4.lt(f32x4.abs(x), c(2 ** -25)))
}

/** x = 2^exponent (1 + t), 1 + t between √½ and √2. */
function mantissa(f: FunctionBuilder, x: Local<'v128'>) {
  const bits = keep(f, v128.and(i32x4.sub(x, c(Math.SQRT1_2)), i32x4.const(-0x800000)))
  return {
    exponent: keep(f, f32x4.convertI32(i32x4.shr(bits, 23))),
    t: sub(i32x4.sub(x, bits), c(1)),
    /** 2^-exponent */
    unit: i32x4.sub(c(1), bits),
  }
}

/** {@link mantissa} of numbers that may be subnormal. */
function mantissaOfAny(f: FunctionBuilder, x: Local<'v128'>) {
  const isSubnormal = keep(f, f32x4.lt(x, c(2 ** -126)))
  const { exponent, t } = mantissa(f, keep(f, v128.select(mul(x, c(2 ** 24)), x, isSubnormal)))
  return { exponent: keep(f, sub(exponent, v128.and(isSubnormal, c(24)))), t: keep(f, t) }
}

/** log(1 + t) - t */
function logTail(f: FunctionBuilder, t: Local<'v128'>, extra?: V128): V128 {
  const z = keep(f, mul(t, t))
  const cubic = mul(mul(z, t), polynomial(f32x4, t, LOG))
  return sub(extra === undefined ? cubic : add(cubic, extra), mul(z, c(0.5)))
}

/** exponent log 2 + log(1 + t) */
function logOf(f: FunctionBuilder, exponent: Local<'v128'>, t: Local<'v128'>): V128 {
  const tail = logTail(f, t, mul(exponent, c(LOG2_LOW)))
  return add(add(t, tail), mul(exponent, c(LOG2_HIGH)))
}

/** Replaces what the formula of a logarithm makes of 0, of infinity and of numbers that have none. */
function logSpecials(y: V128, x: V128): V128 {
  const infinity = v128.and(f32x4.eq(x, c(Number.POSITIVE_INFINITY)), c(Number.POSITIVE_INFINITY))
  const positive = v128.select(c(Number.NEGATIVE_INFINITY), add(y, infinity), f32x4.eq(x, c(0)))
  // All ones are a NaN.
  return v128.or(positive, v128.not(f32x4.ge(x, c(0))))
}

/** log x. Error below 1. */
export function log32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const { exponent, t } = mantissaOfAny(f, x)
  return logSpecials(logOf(f, exponent, t), x)
}

/** log₂ x. Error below 2, and none at powers of 2. */
export function log232(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const { exponent, t } = mantissaOfAny(f, x)
  const tail = keep(f, logTail(f, t))
  // log₂ e = 1 + rest: the large products are exact.
  const rest = c(Math.LOG2E - 1)
  const y = add(add(add(add(mul(tail, rest), mul(t, rest)), tail), t), exponent)
  return logSpecials(y, x)
}

/** log(1 + x). Error below 2. */
export function log1p32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const sum = keep(f, add(x, c(1)))
  const { exponent, t, unit } = mantissa(f, sum)
  // What the rounding of 1 + x lost.
  const lost = v128.select(sub(c(1), sub(sum, x)), sub(x, sub(sum, c(1))), f32x4.ge(x, c(1)))
  // From 2^25 on it does not matter, and infinity has none.
  const kept = v128.and(mul(lost, unit), f32x4.lt(x, c(2 ** 25)))
  const y = logSpecials(logOf(f, exponent, keep(f, add(t, kept))), sum)
  return v128.select(x, y, f32x4.lt(f32x4.abs(x), c(2 ** -25)))
}

/** log(1 + u) for u from 0 to 1, with less work than {@link log1p32}. */
function log1pOfSmall(f: FunctionBuilder, u: Local<'v128'>): V128 {
  const isLarge = keep(f, f32x4.gt(u, c(Math.SQRT2 - 1)))
  const t = keep(f, v128.select(mul(sub(u, c(1)), c(0.5)), u, isLarge))
  return add(add(t, logTail(f, t)), v128.and(c(Math.LN2), isLarge))
}

/** tanh x. Error below 2.5. */
export function tanh32(f: FunctionBuilder, x: V128): V128 {
  const kept = keep(f, x)
  const { whole, r } = reduce(f, mul(atMost(f32x4, f32x4.abs(kept), 10), c(2)), 127)
  const scale = keep(f, i32x4.shl(whole, 23))
  // u = e^2|x| - 1, and tanh |x| = u / (u + 2).
  const u = keep(f, add(mul(expm1Reduced(f, r), scale), sub(scale, c(1))))
  return withSignOf(f32x4, div(u, add(u, c(2))), kept)
}

/** 1 / (1 + e^-x). Error below 2.5. */
export function sigmoid32(f: FunctionBuilder, x: V128): V128 {
  const kept = keep(f, x)
  const small = keep(f, expOfNegativeSize(f, kept))
  return div(v128.select(small, c(1), f32x4.lt(kept, c(0))), add(small, c(1)))
}

/** log(1 + e^x). Error below 2. */
export function softplus32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  return add(atLeast(f32x4, x, 0), log1pOfSmall(f, keep(f, expOfNegativeSize(f, x))))
}

/** -log(1 + e^-x). Error below 2. */
export function logSigmoid32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  return sub(atMost(f32x4, x, 0), log1pOfSmall(f, keep(f, expOfNegativeSize(f, x))))
}

/** The error function. Error below 2. */
export function erf32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const size = keep(f, atMost(f32x4, f32x4.abs(x), 4))
  const z = keep(f, mul(size, size))
  const near = keep(f, add(size, mul(size, polynomial(f32x4, z, ERF))))
  const { whole, r } = reduce(f, f32x4.neg(mul(size, polynomial(f32x4, size, LOG_ERFC))), 127)
  const scale = i32x4.shl(whole, 23)
  const far = sub(c(1), mul(add(expm1Reduced(f, r), c(1)), scale))
  return withSignOf(f32x4, v128.select(near, far, f32x4.lt(size, c(0.95))), x)
}

/** e^-x². Error below 0.51. */
export function gaussian32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  return inDoubles(f, [x], y => expForSingle(f, f64x2.neg(f64x2.mul(y, y))))
}

/** x / (1 + e^-x). Error below 3. */
export function silu32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const size = atLeast(f32x4, f32x4.neg(f32x4.abs(x)), -125)
  const { whole, r } = reduce(f, size, 254)
  const y = keep(f, add(expm1Reduced(f, r), c(1)))
  const under = add(timesPower(f, y, whole), c(1))
  // x times e^x, whose factor alone may be too small for all its digits; NaN at -infinity, as the product 0 times that.
  const product = timesPower(f, mul(y, atLeast(f32x4, x, -125)), whole)
  const over = v128.select(add(product, sub(x, x)), x, f32x4.lt(x, c(0)))
  return div(over, under)
}

/** sin, cos and tan take whole quarters of a turn off in double precision up to here, and in whole numbers beyond. */
const LARGE_ANGLE = 2 ** 27
/** π/2 in two parts; the first has zeros enough for exact products with whole numbers below 2^28. */
const QUARTER_HIGH = 1.5707963109016418457
const QUARTER_LOW = 1.58932547735281966916e-8

/** x = quarters π/2 + r, |r| up to π/4; of the number of quarters the lowest bits. */
function reduceAngle(f: FunctionBuilder, x: Local<'v128'>) {
  const whole = f64x2.const(1.5 * 2 ** 52)
  const part = (half: V128) => {
    const angle = keep(f, f64x2.promoteLowF32(half))
    const bits = keep(f, f64x2.add(f64x2.mul(angle, f64x2.const(2 / Math.PI)), whole))
    const n = keep(f, f64x2.sub(bits, whole))
    const high = f64x2.sub(angle, f64x2.mul(n, f64x2.const(QUARTER_HIGH)))
    return { bits, r: keep(f, f32x4.demoteF64Zero(f64x2.sub(high, f64x2.mul(n, f64x2.const(QUARTER_LOW))))) }
  }
  const low = part(x)
  const high = part(v128.shuffle32(x, x, [2, 3, 2, 3]))
  const quarters = keep(f, v128.shuffle32(low.bits, high.bits, [0, 2, 4, 6]))
  const r = keep(f, v128.shuffle32(low.r, high.r, [0, 1, 4, 5]))
  return { quarters, r }
}

function sinReduced(r: Local<'v128'>, z: Local<'v128'>): V128 {
  return add(r, mul(mul(r, z), polynomial(f32x4, z, SIN)))
}

function cosReduced(f: FunctionBuilder, z: Local<'v128'>): V128 {
  const half = keep(f, mul(z, c(0.5)))
  const main = keep(f, sub(c(1), half))
  // What the rounding of 1 - z/2 lost.
  const lost = sub(sub(c(1), main), half)
  return add(main, add(lost, mul(mul(z, z), polynomial(f32x4, z, COS))))
}

/** The first 256 binary places of 2/π, which is below 1. */
const TWO_OVER_PI = [
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
] as const

/**
 * Reduces angles from {@link LARGE_ANGLE} up: |x| is a whole number m times 2^e, so only the places of 2/π matter whose
 * product with 2^e is below 4 quarters (M. H. Payne and R. N. Hanek, "Radian reduction for trigonometric functions", 1983).
 */
function reduceLargeAngles(
  f: FunctionBuilder,
  x: Local<'v128'>,
  isLarge: Local<'v128'>,
  quarters: Local<'v128'>,
  r: Local<'v128'>,
): void {
  const size = keep(f, f32x4.abs(x))
  const wide = (value: I32) => i64.extendI32Unsigned(value)
  const words = TWO_OVER_PI.map(word => i64.const(word))
  const [exactQuarters, exactR] = [keep(f, i32x4.const(0)), keep(f, i32x4.const(0))]
  for (let lane = 0; lane < 4; lane++) {
    const bits = f.local('i32', i32x4.lane(size, lane))
    const m = f.local('i64', wide(i32.or(i32.and(bits, 0x7fffff), 0x800000)))
    const place = f.local('i32', i32.sub(i32.shrUnsigned(bits, 23), 152))
    const isSecond = f.local('i32', i32.gt(place, 63))
    const [first, second, third] = [0, 1, 2].map(i =>
      f.local('i64', select(words[i + 1]!, words[i]!, isSecond)),
    ) as [Local<'i64'>, Local<'i64'>, Local<'i64'>]
    const shift = f.local('i64', wide(i32.and(place, 63)))
    const back = f.local('i64', i64.sub(i64.const(63), shift))
    const window = (high: Code<'i64'>, low: Code<'i64'>) =>
      i64.or(i64.shl(high, shift), i64.shrUnsigned(i64.shrUnsigned(low, i64.const(1)), back))
    const thirtyTwo = i64.const(32)
    const tail = i64.shrUnsigned(i64.mul(m, i64.shrUnsigned(window(second, third), thirtyTwo)), thirtyTwo)
    // In units of 2^-62 quarters; what is above four of them falls away.
    const product = f.local('i64', i64.add(i64.mul(m, window(first, second)), tail))
    const whole = f.local('i64', i64.shr(i64.add(product, i64.const(1n << 61n)), i64.const(62)))
    const rest = f64.convertI64(i64.sub(product, i64.shl(whole, i64.const(62))))
    f.do(
      exactQuarters.set(i32x4.withLane(exactQuarters, lane, i32.wrapI64(whole))),
      exactR.set(
        f32x4.withLane(exactR, lane, f32.demoteF64(f64.mul(rest, f64.const(Math.PI / 2 / 2 ** 62)))),
      ),
    )
  }
  const isNegative = keep(f, f32x4.lt(x, c(0)))
  const turned = v128.select(i32x4.neg(exactQuarters), exactQuarters, isNegative)
  f.do(
    quarters.set(v128.select(turned, quarters, isLarge)),
    r.set(v128.select(v128.xor(exactR, v128.and(isNegative, c(-0))), r, isLarge)),
  )
}

/** {@link reduceAngle} for all numbers. */
function reduceAnyAngle(f: FunctionBuilder, x: Local<'v128'>) {
  const { quarters, r } = reduceAngle(f, x)
  const size = keep(f, f32x4.abs(x))
  const isNumber = f32x4.lt(size, c(Number.POSITIVE_INFINITY))
  const isLarge = keep(f, v128.and(f32x4.gt(size, c(LARGE_ANGLE)), isNumber))
  f.if(v128.anyTrue(isLarge), () => reduceLargeAngles(f, x, isLarge, quarters, r))
  return { quarters, r, z: keep(f, mul(r, r)), isTiny: f32x4.lt(size, c(2 ** -12)) }
}

/** All ones where the number of quarters is odd. */
function isOdd(quarters: V128): V128 {
  return i32x4.shr(i32x4.shl(quarters, 31), 31)
}

/** The sign bit where two quarters have the second bit set: there sin and cos have the other sign. */
function signOfHalfTurn(quarters: V128): V128 {
  return v128.and(i32x4.shl(quarters, 30), c(-0))
}

/** Error below 2. */
export function sin32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const { quarters, r, z, isTiny } = reduceAnyAngle(f, x)
  const y = v128.select(cosReduced(f, z), sinReduced(r, z), isOdd(quarters))
  return v128.select(x, v128.xor(y, signOfHalfTurn(quarters)), isTiny)
}

/** Error below 2. */
export function cos32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const { quarters, r, z } = reduceAnyAngle(f, x)
  const y = v128.select(sinReduced(r, z), cosReduced(f, z), isOdd(quarters))
  return v128.xor(y, signOfHalfTurn(i32x4.add(quarters, i32x4.const(1))))
}

/** Error below 3. */
export function tan32(f: FunctionBuilder, x: Local<'v128'>): V128 {
  const { quarters, r, z, isTiny } = reduceAnyAngle(f, x)
  const t = keep(f, add(r, mul(mul(r, z), polynomial(f32x4, z, TAN))))
  return v128.select(x, v128.select(div(c(-1), t), t, isOdd(quarters)), isTiny)
}

const d = f64x2.const

/** A function of one number in double precision, as one of single precision. Error below 0.51. */
function throughDoubles(
  formula: (f: FunctionBuilder, x: Local<'v128'>) => V128,
): (f: FunctionBuilder, x: Local<'v128'>) => V128 {
  return (f, x) => inDoubles(f, [x], value => formula(f, value))
}

type Unary32 = (f: FunctionBuilder, x: Local<'v128'>) => V128

export const sinh32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const u = keep(f, expm164(f, keep(f, atMost(f64x2, f64x2.abs(x), 100))))
  return withSignOf(f64x2, f64x2.mul(f64x2.add(u, f64x2.div(u, f64x2.add(u, d(1)))), d(0.5)), x)
})

export const cosh32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const e = keep(f, expForSingle(f, f64x2.abs(x)))
  return f64x2.mul(f64x2.add(e, f64x2.div(d(1), e)), d(0.5))
})

export const asinh32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const size = keep(f, f64x2.abs(x))
  // Beyond 2^30 the square below is (2 |x|) - 1 to all digits, and infinity has no quotient.
  const square = keep(f, f64x2.mul(size, size))
  const quotient = f64x2.div(square, f64x2.add(f64x2.sqrt(f64x2.add(square, d(1))), d(1)))
  const rise = v128.select(f64x2.sub(size, d(1)), quotient, f64x2.gt(size, d(2 ** 60)))
  return withSignOf(f64x2, log1p64(f, keep(f, f64x2.add(size, rise))), x)
})

export const acosh32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const t = keep(f, f64x2.sub(x, d(1)))
  const y = log1p64(f, keep(f, f64x2.add(t, f64x2.sqrt(f64x2.mul(t, f64x2.add(t, d(2)))))))
  // All ones are a NaN.
  return v128.or(y, f64x2.lt(x, d(1)))
})

export const atanh32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const size = keep(f, f64x2.abs(x))
  const quotient = keep(f, f64x2.div(f64x2.add(size, size), f64x2.sub(d(1), size)))
  return withSignOf(f64x2, f64x2.mul(log1p64(f, quotient), d(0.5)), x)
})

export const asin32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const root = f64x2.sqrt(f64x2.mul(f64x2.sub(d(1), x), f64x2.add(d(1), x)))
  return f64x2.mul(atanForSingle(f, f64x2.div(x, f64x2.add(root, d(1)))), d(2))
})

export const acos32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const root = f64x2.sqrt(f64x2.div(f64x2.sub(d(1), x), f64x2.add(d(1), x)))
  return f64x2.mul(atanForSingle(f, root), d(2))
})

export const atan32: Unary32 = /* @__PURE__ */ throughDoubles(atanForSingle)

/** The angle of (x, y), with the signs of zeros and the infinities as IEEE 754 has them. Error below 0.51. */
export function atan232(f: FunctionBuilder, y: Local<'v128'>, x: Local<'v128'>): V128 {
  return inDoubles(f, [y, x], (vertical, horizontal) => {
    const [a, b] = [keep(f, f64x2.abs(vertical)), keep(f, f64x2.abs(horizontal))]
    const isEqual = keep(f, f64x2.eq(a, b))
    const quotient = f64x2.div(f64x2.min(a, b), f64x2.max(a, b))
    // Equal lengths: half a right angle, but 0 at the origin.
    const known = v128.andNot(d(1), f64x2.eq(a, d(0)))
    const near = keep(f, atanForSingle(f, v128.select(known, quotient, isEqual)))
    const steep = v128.select(f64x2.sub(d(Math.PI / 2), near), near, f64x2.gt(a, b))
    const kept = keep(f, steep)
    const isLeft = keep(f, f64x2.lt(withSignOf(f64x2, d(1), horizontal), d(0)))
    return withSignOf(f64x2, v128.select(f64x2.sub(d(Math.PI), kept), kept, isLeft), vertical)
  })
}

export const log1032: Unary32 = /* @__PURE__ */ throughDoubles((f, x) =>
  f64x2.mul(log64(f, x), d(Math.LOG10E)),
)

export const erfc32: Unary32 = /* @__PURE__ */ throughDoubles(erfcForSingle)

/** x Φ(x) */
export const gelu32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) =>
  f64x2.mul(x, f64x2.mul(erfcForSingle(f, f64x2.mul(x, d(-Math.SQRT1_2))), d(0.5))),
)

/** The approximation of {@link gelu32} by tanh. */
export const geluByTanh32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const cube = f64x2.mul(f64x2.mul(f64x2.mul(x, d(0.044715)), x), x)
  const u = f64x2.mul(f64x2.add(x, cube), d(-1.5957691216057308))
  return f64x2.div(x, f64x2.add(expForSingle(f, u), d(1)))
})

/** x tanh(log(1 + e^x)) = x n / (n + 2) with n = e^x (e^x + 2); on the positive side divided by e^2x. */
export const mish32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const small = keep(f, expForSingle(f, f64x2.neg(f64x2.abs(x))))
  const isNegative = keep(f, f64x2.lt(x, d(0)))
  const twice = f64x2.add(small, small)
  const n = keep(f, v128.select(f64x2.mul(small, f64x2.add(small, d(2))), f64x2.add(twice, d(1)), isNegative))
  const rest = v128.select(d(2), f64x2.mul(twice, small), isNegative)
  return f64x2.mul(x, f64x2.div(n, f64x2.add(n, rest)))
})

export const cbrt32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const third = f64x2.mul(log64(f, keep(f, f64x2.abs(x))), d(1 / 3))
  return v128.select(
    x,
    withSignOf(f64x2, exp64(f, third), x),
    v128.or(f64x2.eq(x, d(0)), f64x2.eq(f64x2.abs(x), d(Number.POSITIVE_INFINITY))),
  )
})

/** log(x / (1 - x)); around 1/2, where that is small, 2 artanh(2x - 1). */
export const logit32: Unary32 = /* @__PURE__ */ throughDoubles((f, x) => {
  const far = log64(f, keep(f, f64x2.div(x, f64x2.sub(d(1), x))))
  const middle = keep(f, f64x2.sub(f64x2.add(x, x), d(1)))
  const near = log1p64(f, keep(f, f64x2.div(f64x2.add(middle, middle), f64x2.sub(d(1), middle))))
  return v128.select(near, far, f64x2.lt(f64x2.abs(middle), d(0.5)))
})

/** log(e^x + e^y). Error below 0.51. */
export function logAddExp32(f: FunctionBuilder, x: Local<'v128'>, y: Local<'v128'>): V128 {
  return inDoubles(f, [x, y], (left, right) => {
    // Equal infinities have no difference.
    const distance = v128.andNot(f64x2.abs(f64x2.sub(left, right)), f64x2.eq(left, right))
    const tail = log1p64(f, keep(f, expForSingle(f, f64x2.neg(distance))))
    return f64x2.add(f64x2.max(left, right), tail)
  })
}

/** x^y as IEEE 754-2008 has it: 1 to any power is 1, anything to the power of 0 too. Error below 0.51. */
export function pow32(f: FunctionBuilder, x: Local<'v128'>, y: Local<'v128'>): V128 {
  return inDoubles(f, [x, y], (base, exponent) => {
    const size = keep(f, f64x2.abs(base))
    const power = keep(f, expForSingle(f, f64x2.mul(exponent, log64(f, size))))
    const isWhole = keep(f, f64x2.eq(f64x2.trunc(exponent), exponent))
    const half = keep(f, f64x2.mul(exponent, d(0.5)))
    const isOddPower = v128.and(isWhole, f64x2.ne(f64x2.trunc(half), half))
    const signed = v128.or(power, v128.and(v128.and(base, d(-0)), isOddPower))
    const isFiniteNegative = v128.and(f64x2.lt(base, d(0)), f64x2.gt(base, d(Number.NEGATIVE_INFINITY)))
    // All ones are a NaN.
    const real = v128.or(signed, v128.andNot(isFiniteNegative, isWhole))
    const infinitePower = f64x2.eq(f64x2.abs(exponent), d(Number.POSITIVE_INFINITY))
    const one = v128.or(
      v128.or(f64x2.eq(exponent, d(0)), f64x2.eq(base, d(1))),
      v128.and(f64x2.eq(base, d(-1)), infinitePower),
    )
    return v128.select(d(1), real, one)
  })
}
