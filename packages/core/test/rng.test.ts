import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Rng } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inverseNormal } from '../src/backend/inverseNormal.ts'
import { logarithm } from '../src/backend/portable.ts'
import { threefry } from '../src/tensor/threefry.ts'
import { errorOf } from './support.ts'

const hex = (words: Uint32Array): string =>
  Array.from(words, word => word.toString(16).padStart(8, '0')).join(' ')

const GOLDEN = {
  next: [0.8690484001557932, 0.15063240681606183, 0.5203206637190823],
  normal: [1.1219041412724309, -1.0337248474294114, 0.05095839608790682, -0.6746869125268128],
  uniform: [0.7380967736244202, -0.6987351775169373],
  integers: [112, 474],
  permutation: [3, 5, 7, 6, 2, 4, 1, 0],
  children: [0.8750404653204603, 0.4075650865606998],
}

/** Distance of two positive or two negative float64 numbers, in units in the last place. */
function ulps(a: number, b: number): number {
  const bits = new BigInt64Array(new Float64Array([a, b]).buffer)
  return Math.abs(Number(bits[0]! - bits[1]!))
}

/** What a program prints to standard error within half a minute. */
function runInProcess(code: string): string {
  const flags = ['--conditions=@adjoint/source', '--import', 'tsx', '--input-type=module', '--eval', code]
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const { stderr, signal } = spawnSync(process.execPath, flags, { cwd, encoding: 'utf8', timeout: 30_000 })
  return signal === null ? stderr : `ended by ${signal}`
}

describe('Threefry-2x32, 20 rounds', () => {
  // Known answers of the Random123 distribution (kat_vectors).
  test.each([
    [0, 0, 0, 0, '6b200159 99ba4efe'],
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, '1cb996fc bb002be7'],
    [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3, 'c4923a9c 483df7a0'],
  ])('key %s %s, counter %s %s', (key0, key1, counter0, counter1, answer) => {
    const output = new Uint32Array(2)
    threefry(key0, key1, counter0, counter1, output, 0)
    expect(hex(output)).toBe(answer)
  })

  test('writes where it is told to', () => {
    const output = new Uint32Array(4)
    threefry(0, 0, 0, 0, output, 2)
    expect(hex(output)).toBe('00000000 00000000 6b200159 99ba4efe')
  })
})

describe('golden draws: a change of the bits changes every seeded experiment', () => {
  test('next', () => {
    const rng = new Rng(42)
    expect([rng.next(), rng.next(), rng.next()]).toEqual(GOLDEN.next)
    // The first draw of seed 0 is the first known answer, its upper 53 bits.
    expect(new Rng(0).next()).toBe(Number(0x6b20015999ba4efen >> 11n) / 2 ** 53)
  })

  test('normal', () => {
    expect([...new Rng(42).normal([4], { dtype: 'float64' }).data()]).toEqual(GOLDEN.normal)
  })

  test('uniform, integer, permutation, split', () => {
    expect([...new Rng(42).uniform([2], { low: -1 }).data()]).toEqual(GOLDEN.uniform)
    const rng = new Rng(42)
    expect([rng.integer(1000), rng.integer(1000)]).toEqual(GOLDEN.integers)
    expect([...new Rng(42).permutation(8)]).toEqual(GOLDEN.permutation)
    expect(new Rng(42).split(2).map(child => child.next())).toEqual(GOLDEN.children)
  })
})

describe('statistics', () => {
  const count = 100_000
  /** Moments of draws beside the true ones, in standard errors. */
  function moments(values: ArrayLike<number>): {
    mean: number
    variance: number
    skew: number
    kurtosis: number
  } {
    const list = Array.from(values)
    const average = (of: (value: number) => number) =>
      list.reduce((all, value) => all + of(value), 0) / list.length
    const mean = average(value => value)
    const variance = average(value => (value - mean) ** 2)
    const moment = (power: number) => average(value => (value - mean) ** power) / variance ** (power / 2)
    return { mean, variance, skew: moment(3), kurtosis: moment(4) }
  }

  test('uniform numbers', () => {
    const values = new Rng(3).uniform([count], { dtype: 'float64' }).data()
    const { mean, variance } = moments(values)
    expect(Math.abs(mean - 0.5)).toBeLessThan((4 * Math.sqrt(1 / 12)) / Math.sqrt(count))
    expect(Math.abs(variance - 1 / 12)).toBeLessThan((4 * Math.sqrt(1 / 180)) / Math.sqrt(count))
    const bins = new Array<number>(50).fill(0)
    for (const value of values) bins[Math.floor(value * 50)]!++
    const chiSquare = bins.reduce((all, bin) => all + (bin - count / 50) ** 2 / (count / 50), 0)
    // 49 degrees of freedom: 85.4 is exceeded once in a thousand.
    expect(chiSquare).toBeLessThan(85.4)
  })

  test('normal numbers', () => {
    const { mean, variance, skew, kurtosis } = moments(
      new Rng(4).normal([count], { dtype: 'float64' }).data(),
    )
    const error = 1 / Math.sqrt(count)
    expect(Math.abs(mean)).toBeLessThan(4 * error)
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.SQRT2 * error)
    expect(Math.abs(skew)).toBeLessThan(4 * Math.sqrt(6) * error)
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * Math.sqrt(24) * error)
  })

  test('mean and std', () => {
    const plain = new Rng(5).normal([100], { dtype: 'float64' }).data()
    const moved = new Rng(5).normal([100], { dtype: 'float64', mean: 3, std: 2 }).data()
    expect([...moved]).toEqual(Array.from(plain, value => 3 + 2 * value))
  })

  test('children of a split are uncorrelated with each other and with their parent', () => {
    const parent = new Rng(6)
    const streams = [...parent.split(3), parent].map(rng =>
      Array.from(rng.normal([20_000], { dtype: 'float64' }).data()),
    )
    for (let a = 0; a < streams.length; a++) {
      for (let b = 0; b < a; b++) {
        const product = streams[a]!.reduce((all, value, i) => all + value * streams[b]![i]!, 0)
        expect(Math.abs(product / 20_000)).toBeLessThan(4 / Math.sqrt(20_000))
      }
    }
  })

  test('neighbouring seeds are uncorrelated', () => {
    const [a, b] = [0, 1].map(seed => Array.from(new Rng(seed).normal([20_000], { dtype: 'float64' }).data()))
    expect(Math.abs(a!.reduce((all, value, i) => all + value * b![i]!, 0) / 20_000)).toBeLessThan(
      4 / Math.sqrt(20_000),
    )
  })

  test('integers are fair, permutations permute', () => {
    const rng = new Rng(7)
    const bins = new Array<number>(6).fill(0)
    for (let i = 0; i < 60_000; i++) bins[rng.integer(6)]!++
    // 5 degrees of freedom: 20.5 is exceeded once in a thousand.
    expect(bins.reduce((all, bin) => all + (bin - 10_000) ** 2 / 10_000, 0)).toBeLessThan(20.5)
    expect([...rng.permutation(100)].sort((x, y) => x - y)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(rng.permutation(0).length).toBe(0)
    expect(rng.integer(1)).toBe(0)
  })
})

test('uniform numbers stay below their upper end, also in float32', () => {
  const values = new Rng(8).uniform([50_000], { low: 1, high: 1 + 2 ** -20 }).data()
  expect(values.every(value => value >= 1 && value < 1 + 2 ** -20)).toBe(true)
})

test('a state goes on where its generator stood', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(20), (seed, draws) => {
      const rng = new Rng(seed)
      for (let i = 0; i < draws; i++) rng.next()
      const state = JSON.parse(JSON.stringify(rng.state))
      expect(state.counter).toBe(draws)
      const again = new Rng(state)
      expect([again.next(), again.split(1)[0].next(), again.next()]).toEqual([
        rng.next(),
        rng.split(1)[0].next(),
        rng.next(),
      ])
    }),
  )
})

test('all 53 bits of a seed count', () => {
  expect(new Rng(2 ** 32).next()).not.toBe(new Rng(0).next())
  expect(new Rng(2 ** 53 - 1).next()).not.toBe(new Rng(2 ** 32 - 1).next())
})

test('refusals', () => {
  for (const seed of [-1, 0.5, 2 ** 53, Number.NaN]) {
    expect(errorOf(() => new Rng(seed))).toBe(
      `ArgumentError: Rng: the seed must be a whole number from 0 to 2^53 - 1, got ${seed}.`,
    )
  }
  expect(errorOf(() => new Rng(1).integer(0))).toBe(
    'ArgumentError: Rng.integer: the limit must be a whole number from 1 up, got 0.',
  )
  expect(errorOf(() => new Rng(1).normal([-2]))).toBe(
    'ArgumentError: normal: [-2] is not a shape; sizes are whole numbers from 0 up.',
  )
})

test('bounds without a number between them are refused', () => {
  const body = "import { Rng } from '@adjoint/core'; new Rng(1).uniform([1], { high: Number.NaN })"
  // In a process of its own: a draw that is repeated for ever could not be stopped here.
  expect(runInProcess(body)).toContain('ArgumentError')
})

describe('inverseNormal', () => {
  // Quantiles of the standard normal distribution, to 16 digits.
  test.each([
    [0.5, 0],
    [0.75, 0.6744897501960817],
    [0.9, 1.2815515655446004],
    [0.95, 1.6448536269514722],
    [0.975, 1.959963984540054],
    [0.99, 2.3263478740408408],
    [0.995, 2.5758293035489004],
    [0.999, 3.090232306167813],
    [0.9999, 3.719016485455709],
    [1e-10, -6.361340902404056],
    [1e-20, -9.262340089798408],
  ])('%s', (p, z) =>
    expect(Math.abs(inverseNormal(p) - z)).toBeLessThanOrEqual(1e-14 * Math.max(1, Math.abs(z))),
  )

  /** Upper tail of the normal distribution: Gauss and Legendre's rule of five points on 400 parts of [z, z + 12]. */
  function upperTail(z: number): number {
    const half = 12 / 800
    const [inner, outer] = [-1, 1].map(sign => Math.sqrt(5 + sign * 2 * Math.sqrt(10 / 7)) / 3) as [
      number,
      number,
    ]
    const [heavy, light] = [1, -1].map(sign => (322 + sign * 13 * Math.sqrt(70)) / 900) as [number, number]
    const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
    let total = 0
    // The smallest terms first, so that rounding stays far below the result.
    for (let part = 399; part >= 0; part--) {
      const middle = z + (2 * part + 1) * half
      const pair = (at: number) => density(middle - at * half) + density(middle + at * half)
      total += half * (light * pair(outer) + heavy * pair(inner) + (128 / 225) * density(middle))
    }
    return total
  }

  test('undoes an integral of the density, over the whole range', () => {
    for (let z = 0; z <= 8; z += 0.37) {
      const tail = upperTail(z)
      // An error of 1e-14 in z moves the tail by density times that: compare in units of z.
      expect(Math.abs(inverseNormal(tail) + z)).toBeLessThan(2e-14 * Math.max(1, z))
    }
  })

  test('is odd and increasing', () => {
    let before = Number.NEGATIVE_INFINITY
    for (let i = 1; i < 4096; i++) {
      const z = inverseNormal(i / 4096)
      expect(z).toBeGreaterThan(before)
      expect(z).toBe(0 - inverseNormal(1 - i / 4096))
      before = z
    }
  })
})

test('logarithm agrees with Math.log', () => {
  const rng = new Rng(9)
  for (let i = 0; i < 20_000; i++) {
    const small = 2 ** (-50 * rng.next())
    for (const x of [small, (rng.next() + 1) / 2, 1 - small / 4]) {
      expect(ulps(logarithm(x), Math.log(x))).toBeLessThanOrEqual(1)
    }
  }
  expect(logarithm(1)).toBe(0)
})

describe('fill', () => {
  test('gives what so many calls of next would', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(fc.nat(1200), { maxLength: 3 }), (seed, lengths) => {
        const [one, other] = [new Rng(seed), new Rng(seed)]
        for (const length of lengths) {
          const numbers = new Float64Array(length)
          one.fill(numbers)
          expect(numbers).toEqual(Float64Array.from({ length }, () => other.next()))
          expect(one.state).toEqual(other.state)
        }
      }),
    )
  })

  test('also where the lower word of the counter is full', () => {
    const at = (counter: number): Rng => new Rng({ key: [3, 5], counter })
    for (const counter of [2 ** 32 - 3, 5 * 2 ** 32 - 1, 2 ** 32]) {
      const numbers = new Float64Array(8)
      at(counter).fill(numbers)
      expect(Array.from(numbers)).toEqual(Array.from({ length: 8 }, (_, i) => at(counter + i).next()))
    }
  })
})

test('a generator that is given a state goes on from there', () => {
  const [rng, other] = [new Rng(1), new Rng(2)]
  other.next()
  rng.state = other.state
  expect(rng.next()).toBe(other.next())
  expect(rng.foldIn(3).next()).toBe(other.foldIn(3).next())
  const wrong = errorOf(() => {
    rng.state = { key: [1, -1], counter: 0 }
  })
  expect(wrong).toContain('a state is')
  expect(rng.state).toEqual(other.state)
})
