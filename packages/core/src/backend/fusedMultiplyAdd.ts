/**
 * a b + c with one rounding, from float64 operations that round each time. The method: S. Boldo and G. Melquiond,
 * "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE Transactions on Computers
 * 57(4), 2008. Products and sums are taken with their errors (T. J. Dekker 1971, D. E. Knuth), the small parts are rounded
 * to odd, and so the last sum decides as if it saw all digits.
 */

import { nextFloat64 } from './neighbour.ts'

/** x + y, and what the rounding of it lost. */
function sumError(x: number, y: number, sum: number): number {
  const shift = sum - x
  return x - (sum - shift) + (y - shift)
}

/** What the rounding of x y lost: both factors in halves of 26 bits, whose products are exact. */
function productError(x: number, y: number, product: number): number {
  const [wideX, wideY] = [x * 134217729, y * 134217729]
  const [highX, highY] = [wideX - (wideX - x), wideY - (wideY - y)]
  const [lowX, lowY] = [x - highX, y - highY]
  return lowX * lowY - (product - highX * highY - lowX * highY - highX * lowY)
}

const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(8))

/** x + y, rounded to the neighbour with an odd last bit unless it is exact. */
function sumToOdd(x: number, y: number): number {
  const sum = x + y
  const error = sumError(x, y, sum)
  if (error === 0) return sum
  bits.setFloat64(0, sum)
  return (bits.getUint32(4) & 1) === 1
    ? sum
    : nextFloat64(sum, error > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
}

/** a b + c for float32 operands: their product is exact in float64, and so is rounding the sum to odd before float32. */
export function fusedMultiplyAdd32(a: number, b: number, c: number): number {
  const product = a * b
  return Number.isFinite(product) && Number.isFinite(c) ? Math.fround(sumToOdd(product, c)) : product + c
}

/** Sizes between which no part of a product or of its error leaves the range of float64. */
const SMALL = 2 ** -900
const LARGE = 2 ** 900

/** a b + c for float64 operands; a subnormal result may be rounded twice. */
export function fusedMultiplyAdd64(a: number, b: number, c: number): number {
  const product = a * b
  if (a === 0 || b === 0 || c === 0) return product + c
  const size = Math.abs(product)
  const largest = Math.max(Math.abs(a), Math.abs(b), Math.abs(c))
  if (size > SMALL && size < LARGE && largest < LARGE) return rounded(a, b, c)
  if (!Number.isFinite(a) || !Number.isFinite(b)) return product + c
  // Also beside a product that overflows.
  if (!Number.isFinite(c)) return c
  // The same with factors from 1 to 2.
  const [left, right] = [exponentOf(a), exponentOf(b)]
  const lead = exponentOf(c) - left - right
  if (lead > 120) return c
  const addend = lead < -250 ? Math.sign(c) * 2 ** -250 : timesPower(c, -left - right)
  return timesPower(rounded(timesPower(a, -left), timesPower(b, -right), addend), left + right)
}

/** The whole e with 2^e ≤ |x| < 2^(e + 1). */
function exponentOf(x: number): number {
  if (Math.abs(x) < 2 ** -1022) return exponentOf(x * 2 ** 60) - 60
  bits.setFloat64(0, x)
  return ((bits.getUint32(0) >>> 20) & 0x7ff) - 1023
}

/** x 2^power, in steps that stay in range and of which at most the last one rounds. */
function timesPower(x: number, power: number): number {
  let [value, rest] = [x, power]
  for (; rest > 1000; rest -= 1000) value *= 2 ** 1000
  for (; rest < -1000; rest += 1000) value *= 2 ** -1000
  return value * 2 ** rest
}

/** The emulation itself, for operands whose products and errors stay in range. */
function rounded(a: number, b: number, c: number): number {
  const product = a * b
  const productRest = productError(a, b, product)
  const small = c + productRest
  const sum = product + small
  return sum + sumToOdd(sumError(product, small, sum), sumError(c, productRest, small))
}
