// The numbers beneath random draws, against values computed with 50 digits, and the streams that they come from.
import { gradients, Rng, type Tensor, tensor } from '@adjoint/core'
import { gammaSlope, logGammaQuantile, portableExp } from '@adjoint/core/engine'
import { describe, expect, test } from 'vitest'
import {
  logGammaQuantile as logQuantile,
  normalTail,
  poissonQuantile,
  truncatedNormalQuantile,
} from '../src/backend/incompleteGamma.ts'
import { exponential, exponentialRemainder, logarithm, logGamma } from '../src/backend/portable.ts'
import { errorOf } from './support.ts'

const infinity = Number.POSITIVE_INFINITY
const DOUBLE = { dtype: 'float64' } as const

/** Distance of two positive or two negative float64 numbers, in units in the last place. */
function ulps(a: number, b: number): number {
  const bits = new BigInt64Array(new Float64Array([a, b]).buffer)
  return Math.abs(Number(bits[0]! - bits[1]!))
}

describe('functions that are the same on every machine', () => {
  test('exponential agrees with Math.exp to two units in the last place', () => {
    const rng = new Rng(1)
    for (let i = 0; i < 20_000; i++) {
      for (const x of [1400 * rng.next() - 700, 2 * rng.next() - 1, 1e-9 * rng.next()]) {
        expect(ulps(exponential(x), Math.exp(x))).toBeLessThanOrEqual(2)
      }
    }
    expect([0, -infinity, infinity, -746, 710].map(exponential)).toEqual([1, 0, infinity, 0, infinity])
    expect(exponential(Number.NaN)).toBeNaN()
    // The smallest numbers: 2^-1074 to one of its own size.
    expect([exponential(-745), exponential(-744)]).toEqual([5e-324, 1e-323])
  })

  test('logarithm on all positive numbers', () => {
    const rng = new Rng(2)
    for (let i = 0; i < 20_000; i++) {
      const x = exponential(1400 * rng.next() - 700)
      expect(ulps(logarithm(x), Math.log(x))).toBeLessThanOrEqual(2)
    }
    expect([1, 0, infinity].map(logarithm)).toEqual([0, -infinity, infinity])
    expect([-1, Number.NaN].map(logarithm)).toEqual([Number.NaN, Number.NaN])
    expect(logarithm(5e-324)).toBe(-744.4400719213812)
  })

  test('e^x - 1 - x does not cancel', () => {
    expect(exponentialRemainder(1e-8) / 5.0000000166666667e-17).toBeCloseTo(1, 15)
    expect(exponentialRemainder(-0.3) / 0.0408182206817178661).toBeCloseTo(1, 15)
    expect(exponentialRemainder(2)).toBeCloseTo(Math.exp(2) - 3, 14)
  })

  test('log Γ of whole numbers is the logarithm of a factorial', () => {
    for (let n = 1, factorial = 1; n < 60; factorial *= n, n++) {
      expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(
        1e-14 * Math.max(1, Math.log(factorial)),
      )
    }
    expect(logGamma(0.5)).toBeCloseTo(0.5 * Math.log(Math.PI), 13)
    expect(logGamma(1e-200)).toBeCloseTo(200 * Math.LN10, 10)
  })

  test('portableExp is exp', () => {
    const x = new Rng(3).normal([100], DOUBLE)
    portableExp(x)
      .sub(x.exp())
      .data()
      .forEach((difference, i) => {
        expect(Math.abs(difference)).toBeLessThanOrEqual(4e-16 * Math.exp(x.data()[i]!))
      })
  })
})

describe('gamma quantiles and their derivatives', () => {
  // α, u, x with P(α, x) = u, dx/dα, d²x/dα².
  const table = [
    [0.1, 0.25, 5.7917132949696065e-7, 8.0724438734927862e-5, 0.00964512632244984],
    [0.1, 0.96875, 0.84265496145489579, 6.3674833789112626, -38.1613213380237],
    [0.5, 0.5, 0.22746821155978638, 0.85836744474371517, 0.567076364301685],
    [1, 0.5, 0.69314718055994531, 0.96804483044204449, 0.0716169421350834],
    [1, 0.9375, 2.7725887222397812, 1.8763863671425327, -0.544111716616928],
    [2.5, 0.0625, 0.63741607152641171, 0.49695478206804898, 0.104839353560814],
    [10, 0.5, 9.6687146147141312, 0.99978790183313836, 4.38855285107688e-5],
    [10, 0.99609375, 20.419662292009203, 1.4222919035951835, -0.0213544945191563],
    [50, 0.75, 54.570620535040301, 1.0478614058080578, -0.000481916090345363],
    [300, 0.125, 280.19361149419655, 0.96677479663090345, 5.54336370147577e-5],
    [500, 0.5, 499.66670620169048, 0.99999992087224005, 3.16741930386681e-10],
    [5000, 0.875, 5081.4471877198576, 1.0081344549345562, -8.13496778242725e-7],
    [100000, 0.25, 99786.526313167177, 0.99893353612505721, 5.33233878640725e-9],
  ] as const

  test.each(table)('concentration %s, u = %s', (alpha, u, x, first, second) => {
    const concentration = tensor(alpha, { ...DOUBLE, requiresGrad: true })
    const draw = portableExp(logGammaQuantile(concentration, tensor(u, DOUBLE)))
    expect(Math.abs(draw.item() / x - 1)).toBeLessThan(3e-14)
    const [slope] = gradients(draw, [concentration], { createGraph: true })
    expect(Math.abs(slope!.item() / first - 1)).toBeLessThan(1e-12)
    const [curvature] = gradients(slope!, [concentration])
    // The second derivative cancels down from terms of the size of the first: 1 / α in relation to 1.
    expect(Math.abs(curvature!.item() - second)).toBeLessThan(1e-10 * Math.abs(second) + 1e-14)
  })

  test('the derivative for u is one over the density', () => {
    const u = tensor([0.1, 0.5, 0.9], { ...DOUBLE, requiresGrad: true })
    // Concentration 1 is the exponential distribution: x = -log(1 - u).
    const x = portableExp(logGammaQuantile(tensor(1, DOUBLE), u))
    const [slope] = gradients(x.sum(), [u])
    slope!.data().forEach((value, i) => {
      expect(value).toBeCloseTo(1 / (1 - u.data()[i]!), 12)
    })
  })

  test('extremes stay finite on the logarithmic scale', () => {
    // For small α, P(x) = x^α / Γ(α + 1): log x = (log u + log Γ(α + 1)) / α.
    expect(logQuantile(1e-6, 0.5) / (-Math.LN2 * 1e6 - 0.577214842434)).toBeCloseTo(1, 12)
    expect(logQuantile(1e-300, 0.5) / (-Math.LN2 * 1e300)).toBeCloseTo(1, 14)
    expect(logQuantile(1e15, 0.5)).toBeCloseTo(Math.log(1e15), 13)
    expect([logQuantile(2, 0), logQuantile(2, 1)]).toEqual([-infinity, infinity])
    for (const bad of [-1, 0, Number.NaN, infinity]) expect(logQuantile(bad, 0.5)).toBeNaN()
    expect(logQuantile(2, 1.5)).toBeNaN()
  })

  test('is increasing in u, and the median lies between α - 1/3 and α', () => {
    for (const alpha of [0.01, 0.7, 3, 17, 399.9, 400.1, 1e5]) {
      let before = -infinity
      for (let i = 1; i < 200; i++) {
        const y = logQuantile(alpha, i / 200)
        expect(y).toBeGreaterThan(before)
        before = y
      }
      const median = Math.exp(logQuantile(alpha, 0.5))
      expect(median).toBeGreaterThan(alpha - 1 / 3)
      expect(median).toBeLessThan(alpha)
    }
  })

  test('derivatives for the concentration end at the fourth, and say so', () => {
    const at = tensor(2.5, { ...DOUBLE, requiresGrad: true })
    let value: Tensor = portableExp(logGammaQuantile(at, tensor(0.3, DOUBLE)))
    for (let order = 1; order <= 4; order++) {
      value = gradients(value, [at], { createGraph: true })[0]!
      expect(Number.isFinite(value.item())).toBe(true)
    }
    const refused =
      'NotDifferentiableError: gammaSlope: derivatives of gamma draws with respect to the concentration end at order 4.'
    expect(errorOf(() => gradients(value, [at]))).toBe(refused)
    expect(errorOf(() => gradients(gammaSlope(at, tensor(0, DOUBLE), 4), [at]))).toBe(refused)
    expect(errorOf(() => gammaSlope(at, at, 7))).toBe(
      'ArgumentError: gammaSlope: the order must be a whole number from 0 to 4, got 7.',
    )
  })

  test('the third and fourth derivative agree with difference quotients of the one before', () => {
    const derivatives = (alpha: number): number[] => {
      const at = tensor(alpha, { ...DOUBLE, requiresGrad: true })
      let value: Tensor = logGammaQuantile(at, tensor(0.6, DOUBLE))
      return [1, 2, 3, 4].map(() => {
        value = gradients(value, [at], { createGraph: true })[0]!
        return value.item()
      })
    }
    for (const alpha of [0.4, 3, 25]) {
      const h = 1e-3 * alpha
      const [low, high, here] = [derivatives(alpha - h), derivatives(alpha + h), derivatives(alpha)]
      for (const order of [1, 2, 3]) {
        const quotient = (high[order - 1]! - low[order - 1]!) / (2 * h)
        expect(Math.abs(quotient / here[order]! - 1)).toBeLessThan(1e-4)
      }
    }
  })
})

describe('poissonQuantile', () => {
  test.each([
    [0.5, 0.9, 1],
    [3, 0.5, 3],
    [29.9, 0.99, 43],
    [30, 0.5, 30],
    [30, 0.001, 15],
    [100, 0.3, 95],
    [1e4, 0.999, 10310],
    [1e6, 0.1, 998719],
    [2e9, 0.7, 2000023452],
    [30, 0, 0],
    [30, 1, infinity],
    [0, 0.5, 0],
  ])('rate %s, u = %s', (rate, u, expected) => expect(poissonQuantile(rate, u)).toBe(expected))

  test('is the inverse of the distribution function at both ends, for small and large rates', () => {
    for (const rate of [0.01, 2, 29.99, 30.01, 75]) {
      let chance = Math.exp(-rate)
      let total = chance
      for (let k = 0; k < rate + 4 * Math.sqrt(rate) && total < 1 - 1e-10; k++) {
        if (total > 1e-12) {
          expect(poissonQuantile(rate, total * (1 - 1e-9))).toBe(k)
          expect(poissonQuantile(rate, total * (1 + 1e-9))).toBe(k + 1)
        }
        chance *= rate / (k + 1)
        total += chance
      }
    }
  })

  test('the last uniform numbers lead nowhere astray', () => {
    for (const rate of [1e-3, 1, 29, 31, 1e6]) {
      const most = poissonQuantile(rate, 1 - 2 ** -53)
      expect(most).toBeGreaterThan(rate)
      expect(most).toBeLessThan(rate + 10 * Math.sqrt(rate) + 25)
      expect(poissonQuantile(rate, 2 ** -53)).toBeLessThanOrEqual(rate)
    }
  })
})

describe('tails of the normal distribution', () => {
  test('truncatedNormalQuantile', () => {
    const table = [
      [-2, 2, 0.3, -0.49840288242193853],
      [0, infinity, 0.5, 0.67448975019608174],
      [5, 6, 0.25, 5.054964580371361],
      [8, infinity, 0.75, 8.1689643586629265],
      [37, 38, 0.5, 37.018715326832193],
      [40, infinity, 0.5, 40.017314126764651],
      [-infinity, -100, 0.5, -100.00693053875243],
      [-1, 30, 0.984375, 2.2218710213183582],
      [-7, -6, 0.125, -6.3276725552535109],
      [5, 5.0001, 0.5, 5.0000499937499375],
      [-40, 1, 0.25, -0.80525529603287453],
    ] as const
    for (const [low, high, u, z] of table) {
      expect(Math.abs(truncatedNormalQuantile(low, high, u) / z - 1)).toBeLessThan(2e-15)
      expect(Math.abs(truncatedNormalQuantile(-high, -low, 1 - u) / -z - 1)).toBeLessThan(2e-15)
    }
  })

  test('normalTail', () => {
    expect(normalTail(0)).toBe(0.5)
    expect(normalTail(1.959963984540054) / 0.025).toBeCloseTo(1, 14)
    // 1 - Φ(10) and 1 - Φ(37).
    expect(normalTail(10) / 7.6198530241605269e-24).toBeCloseTo(1, 14)
    expect(normalTail(37) / 5.7255712225245781e-300).toBeCloseTo(1, 13)
    expect(normalTail(-8)).toBe(1 - normalTail(8))
  })
})

describe('foldIn', () => {
  test('depends on the key and the number alone', () => {
    const rng = new Rng(5)
    const first = rng.foldIn(3).next()
    const { state } = rng
    rng.normal([10])
    expect(rng.foldIn(3).next()).toBe(first)
    expect(new Rng(state).foldIn(3).next()).toBe(first)
    expect(state.counter).toBe(0)
    expect(rng.foldIn(4).next()).not.toBe(first)
    expect(rng.foldIn(3 + 2 ** 32).next()).not.toBe(first)
    expect(new Rng(6).foldIn(3).next()).not.toBe(first)
  })

  test('names, splits and draws never meet', () => {
    const rng = new Rng(5)
    const keys = new Set<string>()
    for (let i = 0; i < 200; i++) keys.add(rng.foldIn(i).state.key.join())
    for (const child of new Rng(5).split(64)) keys.add(child.state.key.join())
    for (let i = 0; i < 200; i++) {
      const bits = rng.next() * 2 ** 53
      keys.add([Math.floor(bits / 2 ** 21), (bits % 2 ** 21) * 2 ** 11].join())
    }
    expect(keys.size).toBe(464)
  })

  test('streams of neighbouring numbers are uncorrelated', () => {
    const rng = new Rng(9)
    const [a, b] = [0, 1].map(i => rng.foldIn(i).normal([20_000], DOUBLE))
    expect(Math.abs(a!.mul(b!).mean().item())).toBeLessThan(4 / Math.sqrt(20_000))
  })

  test('refuses what is no whole number', () => {
    for (const data of [-1, 0.5, 2 ** 53, Number.NaN]) {
      expect(errorOf(() => new Rng(1).foldIn(data))).toBe(
        `ArgumentError: Rng.foldIn: the number must be a whole one from 0 to 2^53 - 1, got ${data}.`,
      )
    }
  })
})
