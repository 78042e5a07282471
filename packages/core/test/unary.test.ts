// Elementwise ops of one operand: values at exact points, dtypes, rounding, predicates, and derivatives at the ends of
// domains and for extreme numbers.
import {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  bitwiseNot,
  cbrt,
  ceil,
  cosh,
  type DType,
  degreesToRadians,
  erf,
  exp2,
  floor,
  frac,
  grad,
  gradients,
  isFinite as isFiniteElement,
  isInfinite,
  isNaN as isNaNElement,
  log2,
  log10,
  logicalNot,
  logit,
  mul,
  nanToNumber,
  radiansToDegrees,
  reciprocal,
  round,
  rsqrt,
  sinc,
  sinh,
  sum,
  type Tensor,
  tan,
  tensor,
  trunc,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'

type Map = (x: Tensor) => Tensor

const { POSITIVE_INFINITY: INFINITY, NaN: NAN } = Number

function valuesOf(f: Map, ...numbers: number[]): number[] {
  return [...f(tensor(numbers, { dtype: 'float64' })).data()]
}

/** The derivative of the given order of f at each number. */
function derivatives(f: Map, order: number, ...numbers: number[]): number[] {
  let g: Map = f
  for (let k = 0; k < order; k++) {
    const previous = g
    g = grad((x: Tensor) => previous(x).sum()) as Map
  }
  return [...g(tensor(numbers, { dtype: 'float64' })).data()]
}

/** Equal to some digits, relative to the expected number. */
function expectClose(found: readonly number[], expected: readonly number[], tolerance = 1e-15): void {
  expect(found).toHaveLength(expected.length)
  for (const [i, value] of expected.entries()) {
    if (!Number.isFinite(value) || value === 0) expect(found[i]).toEqual(value)
    else expect(Math.abs(found[i]! / value - 1), `${found[i]} and ${value}`).toBeLessThanOrEqual(tolerance)
  }
}

describe('exact values', () => {
  test('log2 and exp2 at every power of 2', () => {
    const exponents = Array.from({ length: 2098 }, (_, i) => i - 1074)
    const powers = exponents.map(exponent => 2 ** exponent)
    expect(valuesOf(exp2, ...exponents)).toEqual(powers)
    expect(valuesOf(log2, ...powers)).toEqual(exponents)
  })

  test('log10 at every power of 10', () => {
    // Down to the last one with all digits; below, float64 has only neighbours of the powers of 10.
    const exponents = Array.from({ length: 616 }, (_, i) => i - 307)
    expect(valuesOf(log10, ...exponents.map(exponent => Number(`1e${exponent}`)))).toEqual(exponents)
    // Its neighbours are not taken for it.
    expect(valuesOf(log10, 1 + 2 ** -52)[0]).toBeGreaterThan(0)
    expectClose(valuesOf(log10, 2, 0.3, 12345), [0.3010299956639812, -0.5228787452803376, 4.091491094267951])
  })

  test('cbrt of cubes, rsqrt of squares', () => {
    expect(valuesOf(cbrt, 0, 1, 8, -27, 1e-300)).toEqual([0, 1, 2, -3, 1e-100])
    expect(valuesOf(rsqrt, 4, 0.25, 1e-300)).toEqual([0.5, 2, 1e150])
    expect(valuesOf(reciprocal, 4, -0.5)).toEqual([0.25, -2])
  })

  test('logit is 0 at a half and keeps its digits there', () => {
    expect(valuesOf(logit, 0.5, 0.5 + 2 ** -53)).toEqual([0, 2 ** -51])
    expectClose(valuesOf(logit, 0.1, 0.75, 1e-300), [-2.197224577336219, Math.log(3), -690.7755278982137])
  })

  test('angles', () => {
    expectClose(valuesOf(degreesToRadians, 0, 180, -90), [0, Math.PI, -Math.PI / 2])
    expectClose(valuesOf(radiansToDegrees, Math.PI, -Math.PI / 2), [180, -90])
  })

  test.each<[string, Map, number[]]>([
    ['rsqrt', rsqrt, [INFINITY, -INFINITY, 0, NAN, NAN]],
    ['cbrt', cbrt, [0, -0, INFINITY, -INFINITY, NAN]],
    ['reciprocal', reciprocal, [INFINITY, -INFINITY, 0, -0, NAN]],
    ['exp2', exp2, [1, 1, INFINITY, 0, NAN]],
    ['log2', log2, [-INFINITY, -INFINITY, INFINITY, NAN, NAN]],
    ['log10', log10, [-INFINITY, -INFINITY, INFINITY, NAN, NAN]],
    ['tan', tan, [0, -0, NAN, NAN, NAN]],
    ['asin', asin, [0, -0, NAN, NAN, NAN]],
    ['acos', acos, [Math.PI / 2, Math.PI / 2, NAN, NAN, NAN]],
    ['atan', atan, [0, -0, Math.PI / 2, -Math.PI / 2, NAN]],
    ['sinh', sinh, [0, -0, INFINITY, -INFINITY, NAN]],
    ['cosh', cosh, [1, 1, INFINITY, INFINITY, NAN]],
    ['asinh', asinh, [0, -0, INFINITY, -INFINITY, NAN]],
    ['acosh', acosh, [NAN, NAN, INFINITY, NAN, NAN]],
    ['atanh', atanh, [0, -0, NAN, NAN, NAN]],
    ['floor', floor, [0, -0, INFINITY, -INFINITY, NAN]],
    ['ceil', ceil, [0, -0, INFINITY, -INFINITY, NAN]],
    ['trunc', trunc, [0, -0, INFINITY, -INFINITY, NAN]],
    ['round', round, [0, -0, INFINITY, -INFINITY, NAN]],
    ['frac', frac, [0, 0, NAN, NAN, NAN]],
    ['logit', logit as Map, [-INFINITY, -INFINITY, NAN, NAN, NAN]],
  ])('%s at 0, -0, infinity, -infinity and NaN', (_, f, expected) => {
    expect(valuesOf(f, 0, -0, INFINITY, -INFINITY, NAN)).toEqual(expected)
  })
})

describe('rounding', () => {
  test('halves go to the even number', () => {
    expect(valuesOf(round, 0.5, 1.5, 2.5, 3.5, -0.5, -1.5, -2.5)).toEqual([0, 2, 2, 4, -0, -2, -2])
  })

  test('numbers next to a half go where they belong', () => {
    expect(valuesOf(round, 0.49999999999999994, 0.5000000000000001, 1.4999999999999998)).toEqual([0, 1, 1])
    expect(valuesOf(round, -0.3, 2 ** 51 + 0.5, 2 ** 52 + 1, -(2 ** 60))).toEqual([
      -0,
      2 ** 51,
      2 ** 52 + 1,
      -(2 ** 60),
    ])
  })

  test('floor, ceil, trunc and frac', () => {
    const x = [1.5, -1.5, 2, -0.25]
    expect(valuesOf(floor, ...x)).toEqual([1, -2, 2, -1])
    expect(valuesOf(ceil, ...x)).toEqual([2, -1, 2, -0])
    expect(valuesOf(trunc, ...x)).toEqual([1, -1, 2, -0])
    expect(valuesOf(frac, ...x)).toEqual([0.5, -0.5, 0, -0.25])
  })
})

describe('dtypes', () => {
  const dtypeOf = (f: Map, dtype: DType): DType => f(tensor([1, 0], { dtype })).dtype

  test('rounding keeps int32, and makes int32 of bool', () => {
    for (const f of [floor, ceil, round, trunc, frac] as Map[]) {
      expect(['float32', 'float64', 'int32', 'bool'].map(dtype => dtypeOf(f, dtype as DType))).toEqual([
        'float32',
        'float64',
        'int32',
        'int32',
      ])
    }
  })

  test('functions of real numbers make float32 of whole ones', () => {
    const functions = [rsqrt, cbrt, reciprocal, exp2, log2, log10, tan, atan, asinh, erf, sinc, logit]
    for (const f of [...functions, degreesToRadians, radiansToDegrees] as Map[]) {
      expect(dtypeOf(f, 'int32')).toBe('float32')
      expect(dtypeOf(f, 'bool')).toBe('float32')
      expect(dtypeOf(f, 'float64')).toBe('float64')
    }
  })

  test('nanToNumber keeps the dtype, and fills with its largest number', () => {
    const x = [NAN, INFINITY, -INFINITY, 1]
    expect(nanToNumber(tensor(x)).toArray()).toEqual([0, 3.4028234663852886e38, -3.4028234663852886e38, 1])
    expect(valuesOf(nanToNumber as Map, ...x)).toEqual([0, Number.MAX_VALUE, -Number.MAX_VALUE, 1])
    expect(dtypeOf(nanToNumber as Map, 'int32')).toBe('int32')
    expect(dtypeOf(nanToNumber as Map, 'bool')).toBe('bool')
    const options = { nan: 0.5, positiveInfinity: 9, negativeInfinity: -9 }
    expect(valuesOf(value => nanToNumber(value, options), ...x)).toEqual([0.5, 9, -9, 1])
  })
})

describe('questions', () => {
  test('isNaN, isFinite, isInfinite and logicalNot give bool', () => {
    const x = tensor([0, -0, 2, INFINITY, -INFINITY, NAN])
    expect(isNaNElement(x).toArray()).toEqual([false, false, false, false, false, true])
    expect(isFiniteElement(x).toArray()).toEqual([true, true, true, false, false, false])
    expect(isInfinite(x).toArray()).toEqual([false, false, false, true, true, false])
    expect(logicalNot(x).toArray()).toEqual([true, true, false, false, false, false])
    expect(isNaNElement(tensor([1], { dtype: 'int32' })).dtype).toBe('bool')
  })

  test('are not recorded', () => {
    const x = tensor([1, 2], { requiresGrad: true })
    for (const f of [isNaNElement, isFiniteElement, isInfinite, logicalNot] as Map[])
      expect(f(x).requiresGrad).toBe(false)
  })

  test('bitwiseNot works on int32 and bool only', () => {
    expect(bitwiseNot(tensor([0, 1, -7], { dtype: 'int32' })).toArray()).toEqual([-1, -2, 6])
    expect(bitwiseNot(tensor([true, false])).toArray()).toEqual([false, true])
    expect(() => bitwiseNot(tensor([1.5]))).toThrow(/bitwiseNot.*float32.*cast/)
  })
})

describe('derivatives', () => {
  test('keep their digits next to the ends of the domain', () => {
    // With x = 1 - d, 1 - x² is d (2 - d).
    for (const d of [2 ** -10, 2 ** -30, 2 ** -52]) {
      const root = Math.sqrt(d * (2 - d))
      expectClose(derivatives(asin, 1, 1 - d, d - 1), [1 / root, 1 / root], 4e-16)
      expectClose(derivatives(acos, 1, 1 - d), [-1 / root], 4e-16)
      expectClose(derivatives(atanh, 1, 1 - d), [1 / (d * (2 - d))], 7e-16)
      expectClose(derivatives(acosh, 1, 1 + d), [1 / Math.sqrt(d * (2 + d))], 4e-16)
      expectClose(derivatives(asin, 2, 1 - d), [(1 - d) / root ** 3], 2e-15)
    }
  })

  test('of second order are infinite at the ends, not NaN', () => {
    expect(derivatives(asin, 2, 1, -1)).toEqual([INFINITY, -INFINITY])
    expect(derivatives(acos, 2, 1, -1)).toEqual([-INFINITY, INFINITY])
    expect(derivatives(acosh, 2, 1)).toEqual([-INFINITY])
    expect(derivatives(atanh, 2, 1, -1)).toEqual([INFINITY, -INFINITY])
    expect(derivatives(logit as Map, 2, 0, 1)).toEqual([-INFINITY, INFINITY])
    expect(derivatives(cbrt, 2, 0)).toEqual([-INFINITY])
  })

  test('neither overflow nor underflow on the way', () => {
    expectClose(derivatives(asinh, 1, 1e200, -1e300), [1e-200, 1e-300])
    expectClose(derivatives(acosh, 1, 1e200), [1e-200])
    expectClose(derivatives(atan, 1, 1e150), [1e-300])
    expectClose(derivatives(asinh, 2, 1e120), [-1e-240], 1e-14)
    expectClose(derivatives(reciprocal, 1, 1e-150, 1e150), [-1e300, -1e-300])
    expectClose(derivatives(rsqrt, 1, 1e-200), [-5e299])
    expect(derivatives(asinh, 2, INFINITY)).toEqual([-0])
    expect(derivatives(erf, 2, INFINITY).map(Math.abs)).toEqual([0])
  })

  test('of higher orders follow the formulas', () => {
    const x = 0.3
    expectClose(derivatives(tan, 2, x), [(2 * Math.tan(x)) / Math.cos(x) ** 2])
    expectClose(derivatives(tan, 3, x), [(2 + 4 * Math.sin(x) ** 2) / Math.cos(x) ** 4], 3e-15)
    expectClose(derivatives(asin, 3, x), [(1 + 2 * x * x) / (1 - x * x) ** 2.5], 3e-15)
    expectClose(derivatives(atan, 3, x), [(6 * x * x - 2) / (1 + x * x) ** 3], 3e-15)
    expectClose(derivatives(atanh, 3, x), [(2 + 6 * x * x) / (1 - x * x) ** 3], 3e-15)
    expectClose(derivatives(acosh, 3, 2), [(2 * 4 + 1) / 3 ** 2.5], 3e-15)
    expectClose(derivatives(asinh, 3, x), [(2 * x * x - 1) / (1 + x * x) ** 2.5], 3e-15)
    expectClose(derivatives(rsqrt, 3, 4), [-15 / 8 / 4 ** 3.5])
    expectClose(derivatives(cbrt, 3, 8), [10 / 27 / 256])
    expectClose(derivatives(reciprocal, 3, 2), [-6 / 16])
    expectClose(derivatives(exp2, 3, 3), [8 * Math.LN2 ** 3])
    expectClose(derivatives(log2, 3, 2), [Math.LOG2E / 4])
    expectClose(derivatives(log10, 3, 2), [Math.LOG10E / 4])
    expectClose(derivatives(sinh, 3, x), [Math.cosh(x)])
    expectClose(derivatives(cosh, 3, x), [Math.sinh(x)])
  })

  test('of steps are 0, and of frac 1', () => {
    for (const f of [floor, ceil, round, trunc] as Map[])
      expect(derivatives(f, 1, -1.5, -1, 0, 0.3, 0.5)).toEqual([0, 0, 0, 0, 0])
    expect(derivatives(frac, 1, -1, 0.3)).toEqual([1, 1])
  })

  test('a cotangent of 0 contributes 0 at a pole', () => {
    for (const [f, at] of [
      [rsqrt, 0],
      [reciprocal, 0],
      [cbrt, 0],
      [log2, 0],
      [log10, 0],
      [logit, 1],
      [asin, 1],
      [acos, -1],
      [acosh, 1],
      [atanh, 1],
    ] as [Map, number][]) {
      const x = tensor([at], { dtype: 'float64', requiresGrad: true })
      expect(gradients(sum(mul(f(x), 0)), [x])[0]!.toArray()).toEqual([0])
    }
  })
})
