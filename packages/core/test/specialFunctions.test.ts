// The special functions against values computed with 90 digits (mpmath), in units in the last place of float64, and
// their poles, zeros and ends; derivatives against the functions that they are, in several orders.
import {
  besselI,
  digamma,
  erf,
  erfc,
  erfinv,
  grad,
  i0,
  i1,
  lgamma,
  logit,
  polygamma,
  sigmoid,
  sinc,
  type Tensor,
  tensor,
} from '@adjoint/core'
import { gaussian, quadraticRsqrt } from '@adjoint/core/engine'
import { describe, expect, test } from 'vitest'
import { references } from './specialFunctionValues.ts'

type Map = (x: Tensor) => Tensor

const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number

/** The values of f in float64. */
function valuesOf(f: Map, ...numbers: number[]): number[] {
  return [...f(tensor(numbers, { dtype: 'float64' })).data()]
}

/** The derivative of the given order of f at one number. */
function derivative(f: Map, order: number, x: number): number {
  let g: Map = f
  for (let k = 0; k < order; k++) {
    const previous = g
    g = grad((input: Tensor) => previous(input).sum()) as Map
  }
  return g(tensor([x], { dtype: 'float64' })).data()[0]!
}

/** Distance between a number of float64 and the next one of larger magnitude. */
function unitInTheLastPlace(x: number): number {
  const size = Math.max(Math.abs(x), 2 ** -1022)
  return 2 ** (Math.floor(Math.log2(size)) - 52)
}

/** How far apart, in units in the last place of the exact value. */
function ulps(value: number, exact: number): number {
  if (Object.is(value, exact)) return 0
  return Math.abs(value - exact) / unitInTheLastPlace(exact)
}

const FUNCTIONS: Readonly<Record<string, Map>> = {
  erf,
  erfc,
  erfinv,
  gaussian,
  lgamma,
  digamma,
  polygamma1: x => polygamma(x, 1),
  polygamma2: x => polygamma(x, 2),
  polygamma3: x => polygamma(x, 3),
  polygamma10: x => polygamma(x, 10),
  polygamma30: x => polygamma(x, 30),
  besselI0: i0,
  besselI1: i1,
  besselI2: x => besselI(x, 2),
  besselI5: x => besselI(x, 5),
  sinc,
  asinDerivative: x => quadraticRsqrt(x, '1 - x²'),
  acoshDerivative: x => quadraticRsqrt(x, 'x² - 1'),
  asinhDerivative: x => quadraticRsqrt(x, '1 + x²'),
}

describe('values', () => {
  test.each(references)('$name, within $within ulp', ({ name, points, values, within }) => {
    const found = valuesOf(FUNCTIONS[name]!, ...points)
    const errors = found.map((value, i) => ulps(value, values[i]!))
    const worst = errors.indexOf(Math.max(...errors))
    expect(
      errors[worst],
      `at ${points[worst]}: ${found[worst]}, exactly ${values[worst]}`,
    ).toBeLessThanOrEqual(within)
  })

  test('float32 results are the rounded ones of float64', () => {
    const points = [0.3, 1.7, 2.4]
    for (const f of [erf, erfc, lgamma, digamma, i0, i1, sinc] as Map[]) {
      const narrow = f(tensor(points))
      expect(narrow.dtype).toBe('float32')
      const wide = valuesOf(f, ...points.map(Math.fround))
      expect([...narrow.data()]).toEqual(wide.map(Math.fround))
    }
  })

  test('whole numbers count as float32', () => {
    const x = tensor([1, 2, 5], { dtype: 'int32' })
    for (const f of [erf, lgamma, digamma, i0, sinc] as Map[]) expect(f(x).dtype).toBe('float32')
    expect([...lgamma(x).data()]).toEqual([0, 0, Math.log(24)].map(Math.fround))
  })
})

describe('identities', () => {
  const points = Array.from({ length: 101 }, (_, i) => (i - 50) / 8)

  test('erf is odd, and erf + erfc = 1', () => {
    for (const x of points) {
      const [plus, minus] = valuesOf(erf, x, -x)
      expect(minus).toBe(-plus!)
      expect(Math.abs(plus! + valuesOf(erfc, x)[0]! - 1)).toBeLessThanOrEqual(2 ** -52)
    }
  })

  test('erfinv undoes erf where erf is not flat', () => {
    for (const x of points.filter(value => Math.abs(value) < 2)) {
      const [back] = valuesOf(erfinv, valuesOf(erf, x)[0]!)
      // Half a unit of erf(x), divided by its slope.
      const slope = 1.1283791670955126 * Math.exp(-x * x)
      expect(Math.abs(back! - x)).toBeLessThanOrEqual(2 ** -52 / slope + 4 * 2 ** -53)
    }
  })

  test('logit undoes sigmoid', () => {
    for (const x of points.filter(value => Math.abs(value) < 3)) {
      const [back] = valuesOf(value => logit(sigmoid(value)), x)
      expect(Math.abs(back! - x)).toBeLessThanOrEqual(1e-14)
    }
  })

  test('lgamma at whole numbers is the logarithm of a factorial', () => {
    let factorial = 1
    for (let n = 1; n <= 18; n++) {
      expect(ulps(valuesOf(lgamma, n)[0]!, Math.log(factorial))).toBeLessThanOrEqual(3)
      factorial *= n
    }
    expect(valuesOf(lgamma, 1, 2)).toEqual([0, 0])
  })

  test('digamma and polygamma obey their recurrences across the poles', () => {
    for (const x of [-7.3, -3.75, -0.6, 0.25, 1.2, 4.5, 9.9, 12]) {
      for (let order = 0; order <= 4; order++) {
        const [here, next] = valuesOf(value => polygamma(value, order), x, x + 1)
        let step = 1 / x
        for (let k = 1; k <= order; k++) step *= -k / x
        expect(Math.abs(next! - here! - step)).toBeLessThanOrEqual(
          2e-14 * Math.max(Math.abs(step), Math.abs(here!)),
        )
      }
    }
  })

  test('I₀ - I₂ = 2 I₁ / x, on both branches', () => {
    for (const x of [0.1, 1, 7, 19.9, 20.1, 40, 300, -3]) {
      const [zero] = valuesOf(i0, x)
      const [one] = valuesOf(i1, x)
      const [two] = valuesOf(value => besselI(value, 2), x)
      expect(Math.abs(zero! - two! - (2 * one!) / x)).toBeLessThanOrEqual(4e-15 * zero!)
    }
  })
})

describe('poles, ends and infinities', () => {
  const ends = [0, -0, INFINITY, -INFINITY, NAN]

  test.each<[string, Map, number[]]>([
    ['erf', erf, [0, -0, 1, -1, NAN]],
    ['erfc', erfc, [1, 1, 0, 2, NAN]],
    ['erfinv', erfinv, [0, -0, NAN, NAN, NAN]],
    ['lgamma', lgamma, [INFINITY, INFINITY, INFINITY, INFINITY, NAN]],
    ['digamma', digamma, [-INFINITY, INFINITY, INFINITY, NAN, NAN]],
    ['polygamma of order 1', x => polygamma(x, 1), [INFINITY, INFINITY, 0, NAN, NAN]],
    ['polygamma of order 2', x => polygamma(x, 2), [-INFINITY, INFINITY, -0, NAN, NAN]],
    ['i0', i0, [1, 1, INFINITY, INFINITY, NAN]],
    ['i1', i1, [0, -0, INFINITY, -INFINITY, NAN]],
    ['sinc', sinc, [1, 1, NAN, NAN, NAN]],
  ])('%s at 0, -0, infinity, -infinity and NaN', (_, f, expected) => {
    expect(valuesOf(f, ...ends)).toEqual(expected)
  })

  test('negative whole numbers', () => {
    expect(valuesOf(lgamma, -1, -2, -15, -1e20)).toEqual([INFINITY, INFINITY, INFINITY, INFINITY])
    expect(valuesOf(digamma, -1, -2, -15, -1e20)).toEqual([NAN, NAN, NAN, NAN])
    expect(valuesOf(x => polygamma(x, 1), -1, -15)).toEqual([INFINITY, INFINITY])
    expect(valuesOf(x => polygamma(x, 2), -1, -15)).toEqual([NAN, NAN])
    expect(valuesOf(sinc, 1, -7, 1e15).map(Math.abs)).toEqual([0, 0, 0])
  })

  test('the ends of erfinv, and beyond', () => {
    expect(valuesOf(erfinv, 1, -1, 1.5, -2)).toEqual([INFINITY, -INFINITY, NAN, NAN])
  })

  test('subnormal numbers and the edge of overflow', () => {
    expect(valuesOf(erf, 5e-324, 1e308)).toEqual([5e-324, 1])
    expect(valuesOf(erfc, 27, 30)).toEqual([5.237048923789256e-319, 0])
    expect(valuesOf(erfinv, 5e-324)).toEqual([5e-324])
    expect(valuesOf(lgamma, 5e-324)).toEqual([744.4400719213812])
    expect(valuesOf(lgamma, 1e308)).toEqual([INFINITY])
    expect(valuesOf(i0, 714)).toEqual([INFINITY])
    expect(valuesOf(i0, 713)[0]).toBeLessThan(INFINITY)
    expect(valuesOf(x => polygamma(x, 1), 1e308, 1e-200)).toEqual([1e-308, INFINITY])
  })

  test('orders that are none', () => {
    const x = tensor([1])
    expect(() => polygamma(x, -1)).toThrow(/whole number from 0 to 170/)
    expect(() => polygamma(x, 1.5)).toThrow(/got 1.5/)
    expect(() => polygamma(x, 171)).toThrow(/171/)
    expect(() => besselI(x, -1)).toThrow(/whole number from 0 to 1000000, got -1/)
    expect(() => logit(x, { epsilon: 0.7 })).toThrow(/between 0 and 0.5/)
  })
})

describe('derivatives of any order', () => {
  test('of lgamma are polygamma', () => {
    for (const x of [0.4, 1.5, 3.2, 14, -1.3]) {
      for (let order = 1; order <= 5; order++) {
        expect(derivative(lgamma, order, x)).toBe(valuesOf(value => polygamma(value, order - 1), x)[0])
      }
    }
  })

  test('of erf are Hermite polynomials times a Gaussian', () => {
    const front = 2 / Math.sqrt(Math.PI)
    for (const x of [-1.2, 0, 0.3, 2, 6]) {
      const bell = front * Math.exp(-x * x)
      const expected = [bell, -2 * x * bell, (4 * x * x - 2) * bell, (12 * x - 8 * x ** 3) * bell]
      for (const [k, value] of expected.entries()) {
        expect(Math.abs(derivative(erf, k + 1, x) - value)).toBeLessThanOrEqual(2e-14 * Math.abs(value))
        expect(derivative(erfc, k + 1, x) + derivative(erf, k + 1, x)).toBe(0)
      }
    }
  })

  test('of erfinv: y′ = (√π/2) exp(y²), y″ = 2 y y′²', () => {
    for (const x of [-0.9, 0, 0.5, 0.999]) {
      const [y] = valuesOf(erfinv, x)
      const first = (Math.sqrt(Math.PI) / 2) * Math.exp(y! * y!)
      expect(derivative(erfinv, 1, x)).toBeCloseTo(first, 12)
      const second = 2 * y! * first * first
      expect(Math.abs(derivative(erfinv, 2, x) - second)).toBeLessThanOrEqual(1e-13 * Math.abs(second))
      const third = 2 * first ** 3 + 8 * y! * y! * first ** 3
      expect(Math.abs(derivative(erfinv, 3, x) - third)).toBeLessThanOrEqual(1e-13 * third)
    }
  })

  test('of sinc at 0: the coefficients of its series', () => {
    // (-1)^k π^2k / (2k + 1) for order 2k, and 0 for odd ones.
    for (let order = 0; order <= 8; order++) {
      const expected = order % 2 === 1 ? 0 : (order % 4 === 0 ? 1 : -1) * (Math.PI ** order / (order + 1))
      expect(Math.abs(derivative(sinc, order, 0) - expected)).toBeLessThanOrEqual(4e-16 * Math.abs(expected))
    }
  })

  test('of sinc next to 0 and far away', () => {
    // sinc′ = (cos πx - sinc x) / x, in its series below 1/100.
    expect(derivative(sinc, 1, 1e-8)).toBeCloseTo((-(Math.PI ** 2) / 3) * 1e-8, 22)
    expect(derivative(sinc, 1, 0.5)).toBeCloseTo(-4 / Math.PI, 14)
    expect(derivative(sinc, 2, 0.5)).toBeCloseTo(16 / Math.PI - 2 * Math.PI, 13)
    expect(derivative(sinc, 1, 7)).toBe(-1 / 7)
    expect(derivative(sinc, 2, 7)).toBeCloseTo(2 / 49, 15)
  })

  test('of i0 at 0: binomial coefficients', () => {
    // I₀⁽²ᵏ⁾(0) = C(2k, k) / 4ᵏ
    const expected = [1, 0, 1 / 2, 0, 3 / 8, 0, 5 / 16]
    for (const [order, value] of expected.entries()) expect(derivative(i0, order, 0)).toBe(value)
    for (const [order, value] of expected.slice(1).entries()) expect(derivative(i1, order, 0)).toBe(value)
  })

  test('of logit: 1/x + 1/(1-x) and on', () => {
    for (const x of [0.1, 0.5, 0.93]) {
      expect(derivative(logit as Map, 2, x)).toBeCloseTo(1 / (1 - x) ** 2 - 1 / x ** 2, 10)
      expect(derivative(logit as Map, 3, x)).toBeCloseTo(2 / (1 - x) ** 3 + 2 / x ** 3, 9)
    }
  })
})
