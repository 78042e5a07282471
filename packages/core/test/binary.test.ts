// Ops of two and three tensors against plain numbers: signs, zeros, infinities, NaN, whole numbers, and ends of the range.
import * as adjoint from '@adjoint/core'
import { gradients, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: minusInfinity } = Number

/** Float64 numbers as a tensor. */
const double = (...values: number[]): Tensor => tensor(values, { dtype: 'float64', shape: [values.length] })
const whole = (...values: number[]): Tensor => tensor(values, { dtype: 'int32', shape: [values.length] })
const values = (x: Tensor): number[] => [...x.data()]

/** Gradients of the sum of f, one array per operand. */
function gradientsOf(f: (...inputs: Tensor[]) => Tensor, ...points: number[][]): number[][] {
  const inputs = points.map(numbers =>
    tensor(numbers, { dtype: 'float64', shape: [numbers.length], requiresGrad: true }),
  )
  return gradients(f(...inputs).sum(), inputs).map(values)
}

/** -0 as 0, for comparisons that do not mind. */
const unsigned = (numbers: readonly number[]): number[] => numbers.map(value => value + 0)

describe('division with rest', () => {
  const x = [7, -7, 7, -7, 6, -6, 0, 0.5, -0.5]
  const y = [2, 2, -2, -2, 3, 3, 5, 0.25, 3]

  test('floorDivide rounds down, remainder has the sign of the divisor, fmod of the dividend', () => {
    expect(unsigned(values(adjoint.floorDivide(double(...x), double(...y))))).toEqual([
      3, -4, -4, 3, 2, -2, 0, 2, -1,
    ])
    expect(unsigned(values(adjoint.remainder(double(...x), double(...y))))).toEqual([
      1, 1, -1, -1, 0, 0, 0, 0, 2.5,
    ])
    expect(unsigned(values(adjoint.fmod(double(...x), double(...y))))).toEqual([
      1, -1, 1, -1, 0, 0, 0, 0, -0.5,
    ])
  })

  test.each(['float64', 'float32', 'int32'] as const)('x = y floorDivide + remainder in %s', dtype => {
    const left = randomTensor([200], 1).mul(50).cast(dtype)
    const right = randomTensor([200], 2).mul(9).add(0.001).cast(dtype)
    const divisor = adjoint.where(adjoint.equal(right, 0), adjoint.tensor(3).cast(dtype), right)
    const quotient = adjoint.floorDivide(left, divisor)
    expect(quotient.dtype).toBe(dtype)
    const again = quotient.mul(divisor).add(adjoint.remainder(left, divisor))
    const allowed = dtype === 'int32' ? 0 : dtype === 'float64' ? 1e-12 : 1e-3
    expect(again.sub(left).abs().max().item()).toBeLessThanOrEqual(allowed)
    const signs = adjoint.remainder(left, divisor).mul(divisor)
    expect(signs.min().item()).toBeGreaterThanOrEqual(0)
  })

  test('the quotient does not round over a whole number', () => {
    // 1 / 0.1 rounds to 10, but 0.1 is a little more than a tenth.
    expect(values(adjoint.floorDivide(double(1), double(0.1)))).toEqual([9])
    expect(values(adjoint.remainder(double(1), double(0.1)))).toEqual([1 % 0.1])
  })

  test('zeros and infinities of floating operands', () => {
    const [left, right] = [double(1, -1, 0, infinity, 5, -5), double(0, 0, 0, 2, infinity, infinity)]
    expect(values(adjoint.floorDivide(left, right))).toEqual([infinity, minusInfinity, nan, nan, 0, -1])
    expect(values(adjoint.remainder(left, right))).toEqual([nan, nan, nan, nan, 5, infinity])
    expect(values(adjoint.fmod(left, right))).toEqual([nan, nan, nan, nan, 5, -5])
  })

  test('whole numbers refuse 0, and say what to do', () => {
    const { floorDivide, remainder, fmod } = adjoint
    for (const [name, op] of Object.entries({ floorDivide, remainder, fmod })) {
      expect(errorOf(() => op(whole(1, 2), whole(3, 0)))).toBe(
        `ArgumentError: ${name}: an element of the int32 divisor is 0; cast to float32 or float64 for infinities and NaN, or mask the zeros first.`,
      )
      expect(errorOf(() => op(tensor([true]), tensor([false])))).toContain('the bool divisor is 0')
      expect(values(op(whole(), whole(0)))).toEqual([])
    }
    expect(values(adjoint.remainder(whole(-5, 5), 3))).toEqual([1, 2])
    expect(values(adjoint.floorDivide(whole(-5, 5), 3))).toEqual([-2, 1])
  })

  test('gradients', () => {
    const points = [
      [5.5, -5.5, 5.5, -5.5, 4],
      [3, 3, -3, -3, 2],
    ]
    expect(gradientsOf(adjoint.remainder, ...points)).toEqual([
      [1, 1, 1, 1, 1],
      [-1, 2, 2, -1, -2],
    ])
    expect(gradientsOf(adjoint.fmod, ...points)).toEqual([
      [1, 1, 1, 1, 1],
      [-1, 1, 1, -1, -2],
    ])
    expect(gradientsOf(adjoint.floorDivide, ...points)).toEqual([
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0],
    ])
  })
})

describe('fmax and fmin', () => {
  test('NaN is missing', () => {
    const [left, right] = [double(nan, 1, nan, 2, -0), double(1, nan, nan, 3, 0)]
    expect(values(adjoint.fmax(left, right))).toEqual([1, 1, nan, 3, 0])
    expect(values(adjoint.fmin(left, right))).toEqual([1, 1, nan, 2, -0])
    expect(values(adjoint.fmax(left, 0.5))).toEqual([0.5, 1, 0.5, 2, 0.5])
  })

  test('the cotangent goes to the winner', () => {
    const points = [
      [nan, 1, 2, 3, 4],
      [1, nan, 2, 4, 3],
    ]
    expect(gradientsOf(adjoint.fmax, ...points)).toEqual([
      [0, 1, 0.5, 0, 1],
      [1, 0, 0.5, 1, 0],
    ])
    expect(gradientsOf(adjoint.fmin, ...points)).toEqual([
      [0, 1, 0.5, 1, 0],
      [1, 0, 0.5, 0, 1],
    ])
  })
})

describe('lengths and angles', () => {
  test('hypot at both ends of the range', () => {
    const [x, y] = [double(3, 3e300, 3e-300, 0, 5e-324, 1e308, -3), double(4, -4e300, 4e-300, 0, 0, 1e308, 4)]
    const found = values(adjoint.hypot(x, y))
    expect(found.slice(0, 1)).toEqual([5])
    expect(found[1]! / 5e300).toBeCloseTo(1, 15)
    expect(found[2]! / 5e-300).toBeCloseTo(1, 15)
    expect(found[5]! / 1e308).toBeCloseTo(Math.SQRT2, 15)
    expect([found[3], found[4], found[6]]).toEqual([0, 5e-324, 5])
  })

  test('hypot of infinities is infinite, beside NaN too', () => {
    expect(
      values(adjoint.hypot(double(infinity, nan, minusInfinity, nan), double(nan, infinity, 1, 1))),
    ).toEqual([infinity, infinity, infinity, nan])
  })

  test('gradients of hypot and atan2 where squares would overflow or vanish', () => {
    const [dx, dy] = gradientsOf(adjoint.hypot, [3e200, 3e-200, 0], [4e200, 4e-200, 0])
    expect(dx!.map(value => Number(value.toPrecision(14)))).toEqual([0.6, 0.6, 0])
    expect(dy!.map(value => Number(value.toPrecision(14)))).toEqual([0.8, 0.8, 0])
    const [da, db] = gradientsOf(adjoint.atan2, [3e200, 3e-200, 0, 1], [4e200, 4e-200, 0, infinity])
    expect(da!.map(value => Number(value.toPrecision(14)))).toEqual([1.6e-201, 1.6e199, 0, 0])
    expect(db!.map(value => Number(value.toPrecision(14)) + 0)).toEqual([-1.2e-201, -1.2e199, 0, 0])
  })

  test('atan2 knows the quadrants', () => {
    const [y, x] = [double(0, 1, 0, -1, 1, -1), double(1, 0, -1, 0, -1, -1)]
    const quarter = Math.PI / 4
    expect(values(adjoint.atan2(y, x))).toEqual([0, 2, 4, -2, 3, -3].map(count => count * quarter))
  })
})

describe('sums of powers', () => {
  test('logAddExp and logAddExp2, where the plain formulas overflow', () => {
    const [x, y] = [
      double(1000, -1000, 5, minusInfinity, infinity, nan),
      double(1000, -1000, minusInfinity, minusInfinity, minusInfinity, 1),
    ]
    expect(values(adjoint.logAddExp(x, y))).toEqual([
      1000 + Math.LN2,
      -1000 + Math.LN2,
      5,
      minusInfinity,
      infinity,
      nan,
    ])
    expect(values(adjoint.logAddExp2(x, y))).toEqual([1001, -999, 5, minusInfinity, infinity, nan])
    expect(values(adjoint.logAddExp(double(infinity), double(infinity)))).toEqual([infinity])
  })

  test('their gradients are shares', () => {
    const points = [
      [0, 1000, minusInfinity, minusInfinity, infinity, infinity],
      [Math.log(3), 0, 2, minusInfinity, 2, infinity],
    ]
    const [dx, dy] = gradientsOf(adjoint.logAddExp, ...points)
    expect(dx![0]).toBeCloseTo(0.25, 15)
    expect(dy![0]).toBeCloseTo(0.75, 15)
    expect(dx!.slice(1)).toEqual([1, 0, 0, 1, 0.5])
    expect(dy!.slice(1)).toEqual([0, 1, 0, 0, 0.5])
    expect(gradientsOf(adjoint.logAddExp2, [3, 4], [3, 3])).toEqual([
      [0.5, 2 / 3],
      [0.5, 1 / 3],
    ])
  })

  test('xlogy is 0 where x is 0, unless y is NaN', () => {
    const [x, y] = [double(0, 0, 0, 0, 2, nan, 1), double(0, -1, infinity, nan, Math.E, 1, 0)]
    expect(values(adjoint.xlogy(x, y))).toEqual([0, 0, 0, nan, 2, nan, minusInfinity])
    expect(gradientsOf(adjoint.xlogy, [0, 0, 0, 2, 1], [0, -1, 2, 4, 0])).toEqual([
      [0, 0, Math.LN2, Math.log(4), minusInfinity],
      [0, 0, 0, 0.5, infinity],
    ])
  })
})

describe('signs, steps, neighbours', () => {
  test('copySign reads the sign of a zero', () => {
    const found = values(adjoint.copySign(double(1, -1, 2, 0, nan, 3), double(-0, 0, -5, -1, -1, nan)))
    expect(found).toEqual([-1, 1, -2, -0, nan, 3])
    expect(gradientsOf(adjoint.copySign, [2, -2, 2, 0], [1, 1, -0, -1]).map(unsigned)).toEqual([
      [1, -1, -1, 0],
      [0, 0, 0, 0],
    ])
    expect(adjoint.copySign(whole(2), whole(-1)).dtype).toBe('float32')
  })

  test('heaviside', () => {
    expect(values(adjoint.heaviside(double(-1, 0, -0, 3, nan), double(7, 8, 9, 7, 7)))).toEqual([
      0,
      8,
      9,
      1,
      nan,
    ])
    expect(gradientsOf(adjoint.heaviside, [-1, 0, 3], [5, 5, 5])).toEqual([
      [0, 0, 0],
      [0, 1, 0],
    ])
  })

  test('nextAfter is one unit in the last place, in each dtype', () => {
    const y = [2, 0, infinity, 1, 1, -1, 0, 0, minusInfinity, infinity]
    const x = [1, 1, Number.MAX_VALUE, 1, 0, 0, 5e-324, -2, 2, 2 ** 53 - 1]
    expect(values(adjoint.nextAfter(double(...x), double(...y)))).toEqual([
      1 + 2 ** -52,
      1 - 2 ** -53,
      infinity,
      1,
      5e-324,
      -5e-324,
      0,
      -2 + 2 ** -52,
      2 - 2 ** -52,
      2 ** 53,
    ])
    const single = tensor([1, 1, 0, 3.4028234663852886e38, -1, nan], {})
    expect(values(adjoint.nextAfter(single, tensor([2, 0, -1, infinity, -2, 0])))).toEqual([
      1 + 2 ** -23,
      1 - 2 ** -24,
      -(2 ** -149),
      infinity,
      -1 - 2 ** -23,
      nan,
    ])
    // The lower half of the bits passes over into the upper one.
    const low = 1 + 2 ** -20 - 2 ** -52
    expect(values(adjoint.nextAfter(double(low), 2))).toEqual([1 + 2 ** -20])
    expect(values(adjoint.nextAfter(double(1 + 2 ** -20), 1))).toEqual([low])
    const traced = tensor([1], { requiresGrad: true })
    expect(adjoint.nextAfter(traced, 2).requiresGrad).toBe(false)
  })
})

describe('truth values and bits', () => {
  test('logical ops take every dtype; NaN is true', () => {
    const [x, y] = [double(0, 0, 2, nan), double(0, -1, 0, 5)]
    expect(adjoint.logicalAnd(x, y).toArray()).toEqual([false, false, false, true])
    expect(adjoint.logicalOr(x, y).toArray()).toEqual([false, true, true, true])
    expect(adjoint.logicalXor(x, y).toArray()).toEqual([false, true, true, false])
    expect(adjoint.logicalXor(whole(0, 3), 1).toArray()).toEqual([true, false])
  })

  test('bitwise ops agree with the operators of JavaScript', () => {
    const numbers = [0, 1, -1, 6, 2147483647, -2147483648, 12345]
    const x = whole(...numbers)
    const y = whole(...numbers.toReversed())
    const expected = (f: (a: number, b: number) => number) =>
      numbers.map((value, i) => f(value, numbers[numbers.length - 1 - i]!))
    expect(values(adjoint.bitwiseAnd(x, y))).toEqual(expected((a, b) => a & b))
    expect(values(adjoint.bitwiseOr(x, y))).toEqual(expected((a, b) => a | b))
    expect(values(adjoint.bitwiseXor(x, y))).toEqual(expected((a, b) => a ^ b))
    expect(adjoint.bitwiseXor(tensor([true, false]), tensor([true, true])).toArray()).toEqual([false, true])
    expect(adjoint.bitwiseAnd(tensor([true]), whole(3)).dtype).toBe('int32')
  })

  test('shifts beyond the width', () => {
    const x = whole(1, -1, 5, -17, 7, 7)
    const places = whole(31, 1, 32, 2, -1, 0)
    expect(values(adjoint.leftShift(x, places))).toEqual([-2147483648, -2, 0, -68, 0, 7])
    expect(values(adjoint.rightShift(x, places))).toEqual([0, -1, 0, -5, 0, 7])
    expect(adjoint.leftShift(tensor([true]), 3).toArray()).toEqual([8])
  })

  test('floating operands are refused', () => {
    const { bitwiseAnd, bitwiseOr, bitwiseXor, leftShift, rightShift } = adjoint
    for (const [name, op] of Object.entries({ bitwiseAnd, bitwiseOr, bitwiseXor, leftShift, rightShift })) {
      expect(errorOf(() => op(whole(1), double(1)))).toBe(
        `DTypeError: ${name}: works on the bits of int32 and bool tensors, got float64; cast to int32 or bool first.`,
      )
    }
    expect(errorOf(() => adjoint.bitwiseOr(whole(1), 0.5))).toContain('got float32')
  })
})

describe('three operands', () => {
  test('lerp is exact at both ends', () => {
    const [x, end] = [double(0.1, -3, 1e16), double(0.7, 5, 1)]
    expect(values(adjoint.lerp(x, end, 0))).toEqual(values(x))
    expect(values(adjoint.lerp(x, end, 1))).toEqual(values(end))
    expect(values(adjoint.lerp(double(0, 10), double(4, 20), double(0.25, 2)))).toEqual([1, 30])
    expect(adjoint.lerp(whole(0), whole(3), 0.5).toArray()).toEqual([1.5])
    expect(adjoint.lerp(tensor([1]), tensor([2]), 0.5).dtype).toBe('float32')
    expect(gradientsOf(adjoint.lerp, [1], [5], [0.25])).toEqual([[0.75], [0.25], [4]])
  })

  test('operands broadcast, also three different shapes', () => {
    const found = adjoint.lerp(adjoint.zeros([3, 1]), adjoint.ones([4]), adjoint.ones([2, 1, 1]))
    expect(found.shape).toEqual([2, 3, 4])
    expect(errorOf(() => adjoint.lerp(adjoint.zeros([3]), adjoint.ones([4]), 1))).toContain(
      'lerp: cannot broadcast [3] with [4]',
    )
  })

  test('addcmul and addcdiv', () => {
    const [x, a, b] = [double(1, 1), double(3, 10), double(3, 5)]
    expect(values(adjoint.addcmul(x, a, b))).toEqual([10, 51])
    expect(values(adjoint.addcdiv(x, a, b, { value: -2 }))).toEqual([-1, -3])
    expect(values(adjoint.addcmul(x, a, 2, { value: 0.5 }))).toEqual([4, 11])
    expect(errorOf(() => adjoint.addcmul(x, a, b, { value: nan }))).toBe(
      'ArgumentError: addcmul: value must be a finite number, got NaN.',
    )
  })

  test('floatPower is float64 for every dtype', () => {
    const found = adjoint.floatPower(whole(2, 10, -2), whole(-1, 15, 3))
    expect(found.dtype).toBe('float64')
    expect(values(found)).toEqual([0.5, 1e15, -8])
    expect(values(adjoint.floatPower(2, whole(3, 4)))).toEqual([8, 16])
    expect(adjoint.floatPower(2 as never, 0.5).item()).toBe(Math.SQRT2)
    const x = tensor([4], { requiresGrad: true })
    const [gradient] = gradients(adjoint.floatPower(x, 0.5).sum(), [x])
    expect([gradient!.dtype, gradient!.toArray()]).toEqual(['float32', [0.25]])
  })
})

/** A float64 number as mantissa · 2^exponent, both whole. */
function parts(value: number): readonly [bigint, number] {
  if (value === 0) return [0n, 0]
  let exponent = 0
  let mantissa = value
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    exponent--
  }
  return [BigInt(mantissa), exponent]
}

/** How far a number is from a b + c, exactly, in units of 2^exponent. */
function distance(found: number, a: number, b: number, c: number): bigint {
  const [[am, ae], [bm, be], [cm, ce], [fm, fe]] = [parts(a), parts(b), parts(c), parts(found)]
  const least = Math.min(ae + be, ce, fe)
  const scaled = (mantissa: bigint, exponent: number): bigint => mantissa << BigInt(exponent - least)
  const difference = scaled(am * bm, ae + be) + scaled(cm, ce) - scaled(fm, fe)
  // In units that do not depend on which number is asked for.
  const shift = BigInt(least + 2400)
  return (difference < 0n ? -difference : difference) << shift
}

describe('fusedMultiplyAdd', () => {
  test.each([0, 40, 400] as const)('is the nearest number, exponents up to ±%d', range => {
    const count = 300
    const spread = (seed: number): number[] =>
      values(randomTensor([count], seed)).map(
        (value, i) => value * 2 ** Math.round(range * Math.sin(i * (seed + 1))),
      )
    const [a, b, c] = [spread(5), spread(6), spread(7)]
    // A third of the sums nearly cancel.
    for (let i = 0; i < count; i += 3) c[i] = -a[i]! * b[i]! * (1 + (i % 2) * 2 ** -52)
    const found = adjoint.fusedMultiplyAdd(double(...a), double(...b), double(...c))
    const below = values(adjoint.nextAfter(found, minusInfinity))
    const above = values(adjoint.nextAfter(found, infinity))
    for (const [i, value] of values(found).entries()) {
      const [x, y, z] = [a[i]!, b[i]!, c[i]!]
      const own = distance(value, x, y, z)
      expect(own <= distance(below[i]!, x, y, z) && own <= distance(above[i]!, x, y, z), `entry ${i}`).toBe(
        true,
      )
    }
  })

  test('float32 is rounded once as well', () => {
    // a b + c lies so little above the middle of two float32 numbers that float64 does not see it.
    const a = 1 + 2 ** -12
    const tiny = 2 ** -80
    const [x, z] = [tensor([a]), tensor([tiny])]
    expect(adjoint.fusedMultiplyAdd(x, x, z).toArray()).toEqual([1 + 2 ** -11 + 2 ** -23])
    expect(adjoint.fusedMultiplyAdd(x, x, z.neg()).toArray()).toEqual([1 + 2 ** -11])
  })

  test('ends of the range', () => {
    const [a, b, c] = [
      double(1e308, 1e308, infinity, 0, 1e-200, 2 ** 1000, 2),
      double(10, 10, 0, infinity, 1e-200, 2 ** -1000, 3),
      double(-1e308, minusInfinity, 1, 1, 1, -1, nan),
    ]
    expect(values(adjoint.fusedMultiplyAdd(a, b, c))).toEqual([infinity, minusInfinity, nan, nan, 1, 0, nan])
    // The product alone is beyond the largest number.
    expect(values(adjoint.fusedMultiplyAdd(double(2 ** 1023), 2, double(-(2 ** 1023))))).toEqual([2 ** 1023])
    expect(values(adjoint.fusedMultiplyAdd(whole(65536, 3), whole(65537, 4), whole(1, 5)))).toEqual([
      65537, 17,
    ])
    expect(gradientsOf(adjoint.fusedMultiplyAdd, [2], [3], [4])).toEqual([[3], [2], [1]])
  })
})

describe('clip between tensors', () => {
  test('bounds broadcast; low above high gives high; NaN stays NaN', () => {
    const x = double(-2, 0, 2, nan)
    expect(values(adjoint.clip(x, { low: double(-1, 1, -1, 0), high: 1 }))).toEqual([-1, 1, 1, nan])
    expect(
      values(adjoint.clip(double(-2, 0, 2), { low: double(1, 1, 1), high: double(-1, -1, -1) })),
    ).toEqual([-1, -1, -1])
    expect(values(adjoint.clip(double(1, 2), { low: double(nan, 0) }))).toEqual([nan, 2])
    expect(adjoint.clip(double(1, 2), { low: adjoint.zeros([3, 1]), high: 1 }).shape).toEqual([3, 2])
    expect(
      double(-5, 5)
        .clip({ high: tensor(1) })
        .toArray(),
    ).toEqual([-5, 1])
  })

  test('the cotangent goes to what the result is', () => {
    const clip = (x: Tensor, low: Tensor, high: Tensor): Tensor => adjoint.clip(x, { low, high })
    expect(gradientsOf(clip, [-2, -1, 0, 1, 2, 0], [-1, -1, -1, -1, -1, 3], [1, 1, 1, 1, 1, 2])).toEqual([
      [0, 1, 1, 1, 0, 0],
      [1, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 1, 1],
    ])
  })

  test('errors', () => {
    const x = double(1)
    expect(errorOf(() => adjoint.clip(x, { low: double(0), hgih: 1 } as never))).toBe(
      "ArgumentError: clip: knows no 'hgih'; its bounds are low and high.",
    )
    expect(errorOf(() => adjoint.clip(x, { low: double(0), high: '1' as never }))).toContain(
      "clip: takes tensors, got '1'",
    )
    expect(errorOf(() => adjoint.clip(x, { low: nan, high: 1 }))).toBe(
      'ArgumentError: clip: low (NaN) must not be above high (1).',
    )
  })
})

test('methods are the functions with the tensor in front', () => {
  const [x, y] = [double(7, -7), double(2, 2)]
  expect(values(x.remainder(y))).toEqual(values(adjoint.remainder(x, y)))
  expect(values(x.fmod(2).floorDivide(y))).toEqual([0, -1])
  expect(values(x.lerp(y, 0.5))).toEqual([4.5, -2.5])
  expect(values(x.addcmul(y, y, { value: 2 }))).toEqual([15, 1])
  expect(values(y.logAddExp(y).hypot(0))).toEqual(values(adjoint.logAddExp(y, y)))
})
