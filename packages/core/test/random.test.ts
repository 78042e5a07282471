// Draws: their distributions, their gradients, their bits. Seeds are fixed: a test that holds today holds for ever.
import { readFileSync } from 'node:fs'
import {
  bernoulli,
  beta,
  categorical,
  choice,
  dirichlet,
  dropoutMask,
  exponential,
  eye,
  gamma,
  gradients,
  gumbel,
  gumbelSoftmax,
  laplace,
  matmul,
  mean,
  multivariateNormal,
  normal,
  orthogonal,
  poisson,
  Rng,
  randomIntegers,
  studentT,
  sum,
  type Tensor,
  tensor,
  truncatedNormal,
  uniform,
  vmap,
} from '@adjoint/core'
import * as functional from '@adjoint/core/functional'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { errorOf } from './support.ts'

const COUNT = 20_000
const DOUBLE = { dtype: 'float64' } as const
const infinity = Number.POSITIVE_INFINITY

const average = (values: ArrayLike<number>, of = (value: number): number => value): number =>
  Array.from(values, of).reduce((all, value) => all + value, 0) / values.length

/** How many standard errors the mean and the variance of draws are away from the true ones. */
function deviations(
  draws: ArrayLike<number>,
  truth: { readonly mean: number; readonly variance: number; readonly kurtosis: number },
): readonly [number, number] {
  const { mean: centre, variance, kurtosis } = truth
  const found = average(draws, value => (value - centre) ** 2)
  return [
    Math.abs(average(draws) - centre) / Math.sqrt(variance / draws.length),
    Math.abs(found - variance) / (variance * Math.sqrt((kurtosis - 1) / draws.length)),
  ]
}

/**
 * The statistic of Kolmogorov and Smirnov, times the root of the count. Above 1.95 once in a thousand samples of the right
 * distribution.
 */
function distance(draws: ArrayLike<number>, distribution: (x: number) => number): number {
  const sorted = Float64Array.from(draws).sort()
  const n = sorted.length
  const gaps = Array.from(sorted, (x, i) => {
    const p = distribution(x)
    return Math.max(p - i / n, (i + 1) / n - p)
  })
  return Math.sqrt(n) * gaps.reduce((largest, gap) => Math.max(largest, gap), 0)
}
const LIMIT = 1.95

/** Pearson's statistic for counts with these expected ones. */
function chiSquare(counts: ArrayLike<number>, expected: readonly number[]): number {
  return expected.reduce((all, count, i) => all + (counts[i]! - count) ** 2 / count, 0)
}

/** How often each of the whole numbers 0 .. classes - 1 was drawn; larger ones count as the last. */
function tally(draws: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (let i = 0; i < draws.length; i++) counts[Math.min(draws[i]!, classes - 1)]!++
  return counts
}

/** The normal distribution function, by the trapezoidal rule: its error is below 1e-9 for |z| < 8. */
const normalDistribution = (() => {
  const step = 2 ** -10
  const table = [0]
  for (let i = 0; i < 9 / step; i++) {
    const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
    table.push(
      table[i]! + (step / 6) * (density(i * step) + 4 * density((i + 0.5) * step) + density((i + 1) * step)),
    )
  }
  return (z: number): number => {
    const place = Math.min(Math.abs(z), 8.9) / step
    const [i, rest] = [Math.floor(place), place % 1]
    const half = table[i]! * (1 - rest) + table[i + 1]! * rest
    return z < 0 ? 0.5 - half : 0.5 + half
  }
})()

/** P(X <= x) for a gamma variable of whole concentration: 1 - e^-x Σ x^k / k! over k < n. */
function wholeGamma(n: number, x: number): number {
  let term = Math.exp(-x)
  let tail = 0
  for (let k = 0; k < n; k++) {
    tail += term
    term *= x / (k + 1)
  }
  return 1 - tail
}

/** The first draws of seed 42: a change of these bits changes every seeded experiment. */
const GOLDEN: Readonly<Record<string, readonly number[]>> = {
  bernoulli: [0, 1, 0, 1, 0, 1, 0, 0],
  beta: [0.34885219115770566, 0.006780072093296339],
  categorical: [0, 1, 0, 0, 1, 1],
  choice: [6, 7, 4, 0, 2],
  dirichlet: [0.2029916973567983, 0.7970083026432018],
  exponential: [0.1403564588859204, 1.8929128020636445],
  gamma: [0.1737582931000345, 0.400207866013281, 29.94549678574539, 978.4868213159938],
  gumbel: [1.9635699573833194, -0.6381168078084156],
  laplace: [1.3397803103288455, -1.1997656215036991],
  multivariateNormal: [1.5866120522700127, -0.47274317918421804],
  orthogonal: [0.7354170177042005, -0.6776147947551467, -0.6776147947551467, -0.7354170177042006],
  poisson: [1, 3, 50, 499523],
  randomIntegers: [112, 474, 856, 367],
  studentT: [1.2349747124591572, -1.6261688982598554],
  truncatedNormal: [4.444906067395005, 4.038093345567728, 4.1683416377505225],
}

describe('continuous distributions', () => {
  test('exponential', () => {
    const draws = exponential(new Rng(1), [COUNT], { rate: 4, ...DOUBLE }).data()
    expect(distance(draws, x => 1 - Math.exp(-4 * x))).toBeLessThan(LIMIT)
    for (const sigmas of deviations(draws, { mean: 1 / 4, variance: 1 / 16, kurtosis: 9 }))
      expect(sigmas).toBeLessThan(4)
  })

  test('laplace', () => {
    const draws = laplace(new Rng(2), [COUNT], { location: 3, scale: 2, ...DOUBLE }).data()
    const distribution = (x: number): number =>
      x < 3 ? 0.5 * Math.exp((x - 3) / 2) : 1 - 0.5 * Math.exp((3 - x) / 2)
    expect(distance(draws, distribution)).toBeLessThan(LIMIT)
    for (const sigmas of deviations(draws, { mean: 3, variance: 8, kurtosis: 6 }))
      expect(sigmas).toBeLessThan(4)
  })

  test('gumbel', () => {
    const draws = gumbel(new Rng(3), [COUNT], { location: -1, scale: 0.5, ...DOUBLE }).data()
    expect(distance(draws, x => Math.exp(-Math.exp(-(x + 1) / 0.5)))).toBeLessThan(LIMIT)
    const [first, second] = deviations(draws, {
      mean: -1 + 0.5 * 0.5772156649015329,
      variance: (Math.PI ** 2 / 6) * 0.25,
      kurtosis: 5.4,
    })
    expect(first).toBeLessThan(4)
    expect(second).toBeLessThan(4)
  })

  test.each([1, 2, 5, 20, 500])('gamma of concentration %s', concentration => {
    const draws = gamma(new Rng(4), concentration, [COUNT], DOUBLE).data()
    expect(distance(draws, x => wholeGamma(concentration, x))).toBeLessThan(LIMIT)
    const truth = { mean: concentration, variance: concentration, kurtosis: 3 + 6 / concentration }
    for (const sigmas of deviations(draws, truth)) expect(sigmas).toBeLessThan(4)
  })

  test('gamma of concentration 1/2 is half the square of a normal number', () => {
    const draws = gamma(new Rng(5), 0.5, [COUNT], { rate: 3, ...DOUBLE }).data()
    expect(distance(draws, x => 2 * normalDistribution(Math.sqrt(6 * x)) - 1)).toBeLessThan(LIMIT)
  })

  test('gamma of small concentrations: log x is exponential far below 0', () => {
    // P(x) = x^α / Γ(α + 1) for small x, and Γ(1 + α) is 1 - 0.5772 α.
    const draws = gamma(new Rng(6), 1e-3, [COUNT], DOUBLE).data()
    const isZero = draws.filter(value => value === 0).length / COUNT
    // Below 5e-324 = e^-744 doubles end: that is a share of e^-0.744.
    expect(Math.abs(isZero - 0.4752)).toBeLessThan(4 * Math.sqrt(0.25 / COUNT))
    expect(draws.every(value => value >= 0 && value < 20)).toBe(true)
  })

  test.each([
    [1, 1, (x: number) => x],
    [3, 1, (x: number) => x ** 3],
    [2, 2, (x: number) => x * x * (3 - 2 * x)],
    [0.5, 0.5, (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
  ] as const)('beta of %s and %s', (a, b, distribution) => {
    expect(distance(beta(new Rng(7), a, b, [COUNT], DOUBLE).data(), distribution)).toBeLessThan(LIMIT)
  })

  test('beta and dirichlet of tiny parameters end in the corners, never in NaN', () => {
    const x = beta(new Rng(8), 1e-4, 3e-4, [COUNT], DOUBLE).data()
    expect(x.every(value => value >= 0 && value <= 1)).toBe(true)
    expect(Math.abs(average(x) - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / COUNT))
    const corners = dirichlet(new Rng(8), tensor([1e-5, 1e-5, 1e-5]), [100])
    for (const total of corners.sum(1).data()) expect(total).toBeCloseTo(1, 6)
  })

  test('dirichlet: each part is a beta number', () => {
    const x = dirichlet(new Rng(9), tensor([1, 2, 3], DOUBLE), [COUNT])
    expect(x.shape).toEqual([COUNT, 3])
    for (const total of x.sum(1).data()) expect(Math.abs(total - 1)).toBeLessThan(1e-15 * 4)
    const first = x.slice([0, COUNT], 0).data()
    expect(distance(first, p => 1 - (1 - p) ** 5)).toBeLessThan(LIMIT)
    expect(average(x.slice([0, COUNT], 2).data())).toBeCloseTo(0.5, 2)
  })

  test('studentT of two degrees', () => {
    const draws = studentT(new Rng(10), 2, [COUNT], DOUBLE).data()
    expect(distance(draws, t => 0.5 + t / (2 * Math.sqrt(2 + t * t)))).toBeLessThan(LIMIT)
  })

  test('truncatedNormal', () => {
    const draws = truncatedNormal(new Rng(11), [COUNT], {
      mean: 1,
      std: 2,
      low: 0,
      high: 2.5,
      ...DOUBLE,
    }).data()
    const [bottom, top] = [normalDistribution(-0.5), normalDistribution(0.75)]
    expect(distance(draws, x => (normalDistribution((x - 1) / 2) - bottom) / (top - bottom))).toBeLessThan(
      LIMIT,
    )
    expect(draws.every(value => value >= 0 && value <= 2.5)).toBe(true)
  })

  test('truncatedNormal far out in the tail is almost exponential', () => {
    const draws = truncatedNormal(new Rng(12), [COUNT], { low: 1000, high: infinity, ...DOUBLE }).data()
    expect(draws.every(value => value >= 1000)).toBe(true)
    expect(distance(draws, x => 1 - Math.exp(-(x * x - 1e6) / 2))).toBeLessThan(LIMIT * 1.01)
    const below = truncatedNormal(new Rng(12), [4], { low: -infinity, high: -50, ...DOUBLE }).data()
    expect(below.every(value => value <= -50 && value > -51)).toBe(true)
  })

  test('truncatedNormal stays within its bounds when it is rounded', () => {
    for (const [low, high] of [
      [0.1, 0.3],
      [-0.3, -0.1],
      [0.1, 0.1 + 1e-8],
    ] as const) {
      const draws = truncatedNormal(new Rng(13), [10_000], { low, high }).data()
      expect(
        draws.every(value => value <= high + (low === 0.1 && high < 0.2 ? 1e-8 : 0) && value >= low),
      ).toBe(true)
    }
  })

  test('truncatedNormal at two standard deviations by default', () => {
    const draws = truncatedNormal(new Rng(14), [COUNT], { mean: 5, std: 3, ...DOUBLE }).data()
    expect(draws.every(value => Math.abs(value - 5) <= 6)).toBe(true)
    // The variance of a normal number cut off at ±2 is 1 - 4 φ(2) / (2 Φ(2) - 1).
    expect(average(draws, value => ((value - 5) / 3) ** 2)).toBeCloseTo(0.7737413, 1)
  })

  test('multivariateNormal', () => {
    const covariance = [
      [4, 2, 0],
      [2, 10, -3],
      [0, -3, 2],
    ]
    const centre = [1, -1, 0.5]
    const x = multivariateNormal(new Rng(15), tensor(centre, DOUBLE), tensor(covariance, DOUBLE), [COUNT])
    const columns = [0, 1, 2].map(k => x.slice([0, COUNT], k).data())
    for (let i = 0; i < 3; i++) {
      expect(Math.abs(average(columns[i]!) - centre[i]!)).toBeLessThan(
        4 * Math.sqrt(covariance[i]![i]! / COUNT),
      )
      for (let j = 0; j <= i; j++) {
        const product = average(
          columns[i]!.map((value, k) => (value - centre[i]!) * (columns[j]![k]! - centre[j]!)),
        )
        const spread = covariance[i]![i]! * covariance[j]![j]! + covariance[i]![j]! ** 2
        expect(Math.abs(product - covariance[i]![j]!)).toBeLessThan(4 * Math.sqrt(spread / COUNT))
      }
    }
  })

  test('multivariateNormal: batches, factors, and what does not fit', () => {
    const rng = () => new Rng(16)
    const a = multivariateNormal(
      rng(),
      tensor([
        [1, 2],
        [3, 4],
      ]),
      tensor([
        [4, 2],
        [2, 10],
      ]),
    )
    const b = multivariateNormal(
      rng(),
      tensor([
        [1, 2],
        [3, 4],
      ]),
      {
        factor: tensor([
          [2, 0],
          [1, 3],
        ]),
      },
    )
    expect(a.shape).toEqual([2, 2])
    expect(b.toArray()).toEqual(a.toArray())
    expect(multivariateNormal(rng(), tensor([1, 2]), eye(2), [0]).shape).toEqual([0, 2])
    expect(errorOf(() => multivariateNormal(rng(), tensor([1, 2, 3]), eye(2)))).toBe(
      'ShapeError: multivariateNormal: a mean [..., n] needs a covariance [..., n, n], got [3] and [2, 2].',
    )
    expect(
      errorOf(() =>
        multivariateNormal(
          rng(),
          tensor([
            [1, 2],
            [3, 4],
          ]),
          eye(2),
          [3],
        ),
      ),
    ).toBe('ShapeError: multivariateNormal: mean [2, 2] and covariance [2, 2] do not broadcast to [3, 2].')
  })

  test('orthogonal: orthonormal rows or columns, Haar measure', () => {
    for (const shape of [
      [4, 4],
      [6, 3],
      [3, 6],
      [4, 2, 3, 3],
    ]) {
      const q = orthogonal(new Rng(17), shape, { gain: 2, ...DOUBLE }).reshape([shape[0]!, -1]) as Tensor
      const [rows, columns] = q.shape as readonly number[]
      const gram = rows! <= columns! ? matmul(q, q.transpose()) : matmul(q.transpose(), q)
      const size = Math.min(rows!, columns!)
      expect(gram.sub(eye(size).mul(4)).abs().max().item()).toBeLessThan(1e-14)
    }
    // Entries of a Haar matrix [2, 2] are cosines of a uniform angle.
    const rng = new Rng(18)
    const entries = Float64Array.from({ length: 4000 }, () => orthogonal(rng, [2, 2], DOUBLE).data()[0]!)
    expect(distance(entries, x => 1 - Math.acos(x) / Math.PI)).toBeLessThan(LIMIT)
    expect(orthogonal(new Rng(1), [0, 3]).shape).toEqual([0, 3])
    expect(errorOf(() => orthogonal(new Rng(1), [3]))).toBe(
      'ArgumentError: orthogonal: needs at least two axes, got the shape [3].',
    )
  })
})

describe('discrete distributions', () => {
  test.each([
    [0.5, 6],
    [3, 12],
    [29.5, 50],
    [40, 70],
  ])('poisson of rate %s', (rate, classes) => {
    const counts = tally(poisson(new Rng(20), rate, [COUNT]).data(), classes)
    const chances = [Math.exp(-rate)]
    for (let k = 1; k < classes; k++) chances.push((chances[k - 1]! * rate) / k)
    chances[classes - 1] = 1 - average(chances.slice(0, -1)) * (classes - 1)
    // Classes with less than five expected are put together with their neighbours.
    const [seen, expected] = [[0], [0]]
    for (let k = 0; k < classes; k++) {
      seen[seen.length - 1]! += counts[k]!
      expected[expected.length - 1]! += chances[k]! * COUNT
      if (expected[expected.length - 1]! > 5 && k < classes - 1) {
        seen.push(0)
        expected.push(0)
      }
    }
    const freedom = expected.length - 1
    // Wilson and Hilferty's bound that is exceeded once in a thousand.
    const limit = freedom * (1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom))) ** 3
    expect(chiSquare(seen.slice(0, freedom), expected.slice(0, freedom))).toBeLessThan(limit)
  })

  test('poisson of large rates', () => {
    for (const rate of [1e4, 1e9]) {
      const draws = poisson(new Rng(21), rate, [COUNT]).data()
      for (const sigmas of deviations(draws, { mean: rate, variance: rate, kurtosis: 3 + 1 / rate })) {
        expect(sigmas).toBeLessThan(4)
      }
    }
    expect(poisson(new Rng(21), 0, [3]).toArray()).toEqual([0, 0, 0])
    expect(poisson(new Rng(21), 5).dtype).toBe('int32')
    expect(errorOf(() => poisson(new Rng(1), tensor([1, -2])))).toBe(
      'ArgumentError: poisson: a rate lies between 0 and 2146483648, got -2.',
    )
    expect(errorOf(() => poisson(new Rng(1), 3e9, [1]))).toContain('got 3000000000')
  })

  test('bernoulli', () => {
    const draws = bernoulli(new Rng(22), tensor([0, 0.3, 1]), [COUNT, 3])
    expect(draws.dtype).toBe('bool')
    const [never, some, always] = draws.mean(0).data()
    expect([never, always]).toEqual([0, 1])
    expect(Math.abs(some! - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / COUNT))
    expect(errorOf(() => bernoulli(new Rng(1), 1.5))).toBe(
      'ArgumentError: bernoulli: a probability lies between 0 and 1, got 1.5.',
    )
    expect(errorOf(() => bernoulli(new Rng(1), tensor([0.5, 0.5]), [3]))).toBe(
      'ShapeError: bernoulli: probabilities of shape [2] does not broadcast to [3].',
    )
  })

  test('randomIntegers', () => {
    const draws = randomIntegers(new Rng(23), [COUNT], { low: -2, high: 5 })
    expect(draws.dtype).toBe('int32')
    const counts = tally(
      draws.data().map(value => value + 2),
      7,
    )
    // 6 degrees of freedom: 22.5 is exceeded once in a thousand.
    expect(chiSquare(counts, new Array(7).fill(COUNT / 7))).toBeLessThan(22.5)
    expect(randomIntegers(new Rng(1), [2], { low: -(2 ** 31), high: 2 ** 31 }).shape).toEqual([2])
    for (const bounds of [{ high: 0 }, { low: 3, high: 3 }, { high: 2.5 }, { high: 2 ** 32 }]) {
      expect(errorOf(() => randomIntegers(new Rng(1), [2], bounds))).toContain(
        'ArgumentError: randomIntegers',
      )
    }
  })

  test('categorical along any axis', () => {
    const probabilities = [0.1, 0.2, 0.3, 0.4]
    const logits = tensor(probabilities, DOUBLE).log().add(7)
    const draws = categorical(new Rng(24), logits.expand([COUNT, 4]))
    expect([draws.dtype, draws.shape]).toEqual(['int32', [COUNT]])
    // 3 degrees of freedom: 16.3 is exceeded once in a thousand.
    expect(
      chiSquare(
        tally(draws.data(), 4),
        probabilities.map(p => p * COUNT),
      ),
    ).toBeLessThan(16.3)
    const columns = categorical(new Rng(24), logits.unsqueeze(1).expand([4, 5]), 0)
    expect(columns.shape).toEqual([5])
    expect(categorical(new Rng(1), tensor([[-infinity, 0, -infinity]])).toArray()).toEqual([1])
    expect(errorOf(() => categorical(new Rng(1), tensor([1, 2]), 1))).toContain('AxisError: categorical')
  })

  test('choice with replacement', () => {
    const weights = [1, 0, 2, 5]
    const counts = tally(choice(new Rng(25), 4, [COUNT], { weights }).data(), 4)
    expect(counts[1]).toBe(0)
    // 2 degrees of freedom: 13.8 is exceeded once in a thousand.
    const expected = [1, 2, 5].map(weight => (weight / 8) * COUNT)
    expect(chiSquare([counts[0]!, counts[2]!, counts[3]!], expected)).toBeLessThan(13.8)
    const even = tally(choice(new Rng(26), 6, [COUNT]).data(), 6)
    expect(chiSquare(even, new Array(6).fill(COUNT / 6))).toBeLessThan(20.5)
  })

  test('choice without replacement: every order in proportion', () => {
    const rng = new Rng(27)
    const counts = new Map<string, number>()
    const trials = 12_000
    for (let i = 0; i < trials; i++) {
      const order = choice(rng, 3, [2], { replace: false, weights: [1, 2, 3] })
        .data()
        .join()
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    // First i with probability wᵢ / 6, then j with wⱼ / (6 - wᵢ).
    const expected = {
      '0,1': 2 / 30,
      '0,2': 3 / 30,
      '1,0': 2 / 24,
      '1,2': 6 / 24,
      '2,0': 3 / 18,
      '2,1': 6 / 18,
    }
    const orders = Object.entries(expected)
    expect(
      chiSquare(
        orders.map(([order]) => counts.get(order) ?? 0),
        orders.map(([, share]) => share * trials),
      ),
    ).toBeLessThan(20.5)
    const all = choice(new Rng(28), 100, [100], { replace: false }).data()
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  test('choice from a tensor: slices, with their gradient', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { requiresGrad: true },
    )
    const rows = choice(new Rng(29), x, [2, 5])
    expect(rows.shape).toEqual([2, 5, 2])
    rows.sum().backward()
    expect(x.grad?.sum().item()).toBe(20)
    expect(choice(new Rng(1), 3).shape).toEqual([])
    expect(choice(new Rng(1), 0, [0]).shape).toEqual([0])
  })

  test.each([
    [() => choice(new Rng(1), 0, [1]), 'ArgumentError: choice: there is nothing to choose from.'],
    [
      () => choice(new Rng(1), 2, [3], { replace: false }),
      'ArgumentError: choice: cannot draw 3 of 2 elements without replacement.',
    ],
    [
      () => choice(new Rng(1), 3, [2], { replace: false, weights: [1, 0, 0] }),
      'ArgumentError: choice: cannot draw 2 elements: only 1 have a weight above 0.',
    ],
    [
      () => choice(new Rng(1), 2, [1], { weights: [1] }),
      'ShapeError: choice: there are 1 weights for 2 elements.',
    ],
    [
      () => choice(new Rng(1), 2, [1], { weights: [1, -1] }),
      'ArgumentError: choice: weights are finite numbers from 0 up, got -1.',
    ],
    [
      () => choice(new Rng(1), 2, [1], { weights: [0, 0] }),
      'ArgumentError: choice: the weights must have a finite sum above 0, not 0.',
    ],
    [
      () => choice(new Rng(1), tensor(3), [1]),
      'ArgumentError: choice: chooses from a tensor with at least one axis, or from 0 .. n - 1; got a 0-d tensor.',
    ],
  ])('choice refuses %#', (body, message) => expect(errorOf(body)).toBe(message))

  test('dropoutMask', () => {
    const mask = dropoutMask(new Rng(30), [COUNT], 0.2, DOUBLE)
    const kept = mask.data().filter(value => value !== 0)
    expect(new Set(kept)).toEqual(new Set([1 / (1 - 0.2)]))
    expect(Math.abs(kept.length / COUNT - 0.8)).toBeLessThan(4 * Math.sqrt(0.16 / COUNT))
    expect(dropoutMask(new Rng(30), [4], 0).toArray()).toEqual([1, 1, 1, 1])
    expect(dropoutMask(new Rng(30), [4], 1).toArray()).toEqual([0, 0, 0, 0])
    for (const rate of [-0.1, 1.1, Number.NaN, '0.5' as never]) {
      expect(errorOf(() => dropoutMask(new Rng(1), [1], rate))).toContain(
        'the rate must be a number from 0 to 1',
      )
    }
  })

  test('gumbelSoftmax', () => {
    const logits = tensor([0.5, 0.25, 0.25], DOUBLE).log()
    const soft = gumbelSoftmax(new Rng(31), logits.expand([COUNT, 3]), -1, { temperature: 0.5 })
    for (const total of soft.sum(1).data()) expect(total).toBeCloseTo(1, 12)
    const hard = gumbelSoftmax(new Rng(31), logits.expand([COUNT, 3]), -1, { temperature: 0.5, hard: true })
    expect(new Set(hard.data())).toEqual(new Set([0, 1]))
    expect(hard.argmax(1).toArray()).toEqual(soft.argmax(1).toArray())
    expect(chiSquare(hard.sum(0).data(), [COUNT / 2, COUNT / 4, COUNT / 4])).toBeLessThan(13.8)
    // The gradient of the hard draw is that of the soft one.
    const [one, two] = [true, false].map(isHard => {
      const x = tensor([1, 2, 3], { ...DOUBLE, requiresGrad: true })
      gumbelSoftmax(new Rng(32), x, 0, { hard: isHard })
        .mul(tensor([1, 10, 100]))
        .sum()
        .backward()
      return x.grad?.toArray()
    })
    expect(one).toEqual(two)
    expect(errorOf(() => gumbelSoftmax(new Rng(1), tensor([1]), -1, { temperature: 0 }))).toBe(
      'ArgumentError: gumbelSoftmax: temperature must be above 0, got 0.',
    )
  })
})

describe('gradients of draws', () => {
  const leaf = (value: number | number[]): Tensor =>
    tensor(value as number[], { ...DOUBLE, requiresGrad: true })
  const flat = (list: readonly Tensor[]): number[] => list.flatMap(x => [...x.data()])

  test('location and scale', () => {
    const [location, scale] = [leaf(2), leaf(3)]
    for (const draw of [laplace, gumbel] as const) {
      const x = draw(new Rng(40), [50], { location, scale })
      const standard = draw(new Rng(40), [50], DOUBLE)
      expect([...x.data()]).toEqual([...standard.mul(3).add(2).data()])
      expect(flat(gradients(sum(x), [location, scale]))).toEqual([
        50,
        expect.closeTo(standard.sum().item(), 12),
      ])
    }
    const x = normal(new Rng(41), [50], { mean: location, std: scale })
    expect([...x.data()]).toEqual([...normal(new Rng(41), [50], { mean: 2, std: 3, ...DOUBLE }).data()])
    expect(flat(gradients(sum(x), [location, scale]))).toEqual([
      50,
      expect.closeTo(normal(new Rng(41), [50], DOUBLE).sum().item(), 12),
    ])
  })

  test('uniform and exponential', () => {
    const [low, high] = [leaf(-1), leaf(2)]
    const u = uniform(new Rng(42), [20], DOUBLE).sum().item()
    const x = uniform(new Rng(42), [20], { low, high })
    expect(x.data().every(value => value >= -1 && value < 2)).toBe(true)
    expect(flat(gradients(sum(x), [low, high]))).toEqual([expect.closeTo(20 - u, 12), expect.closeTo(u, 12)])
    const rate = leaf([2, 5])
    const waited = exponential(new Rng(43), [10, 2], { rate })
    const [slope] = gradients(sum(waited), [rate])
    const totals = waited.sum(0).data()
    expect([...slope!.data()]).toEqual([
      expect.closeTo(-totals[0]! / 2, 12),
      expect.closeTo(-totals[1]! / 5, 12),
    ])
  })

  test('parameters broadcast to the shape, or the shape comes from them', () => {
    const mu = tensor([[1], [2]], { requiresGrad: true })
    expect(normal(new Rng(1), [2, 3], { mean: mu }).shape).toEqual([2, 3])
    expect(gamma(new Rng(1), tensor([1, 2]), undefined, { rate: tensor([[1], [2], [3]]) }).shape).toEqual([
      3, 2,
    ])
    expect(errorOf(() => normal(new Rng(1), [3], { mean: mu }))).toBe(
      'ShapeError: normal: mean of shape [2, 1] does not broadcast to [3].',
    )
    expect(normal(new Rng(1), [2], { mean: tensor([1, 2], DOUBLE) }).dtype).toBe('float64')
    expect(normal(new Rng(1), [2], { mean: tensor([1, 2], DOUBLE), dtype: 'float32' }).dtype).toBe('float32')
    expect(gamma(new Rng(1), tensor([1, 2])).dtype).toBe('float32')
    expect(gamma(new Rng(1), tensor([1, 2], { dtype: 'int32' })).dtype).toBe('float32')
  })

  test('gamma: the mean of the derivative is the derivative of the mean', () => {
    const concentration = leaf([0.3, 2, 40])
    const x = gamma(new Rng(44), concentration, [COUNT, 3])
    const [first] = gradients(sum(mean(x, 0)), [concentration])
    for (const value of first!.data()) expect(Math.abs(value - 1)).toBeLessThan(0.02)
    // E x² = α (α + 1).
    const [second] = gradients(sum(mean(x.square(), 0)), [concentration])
    second!.data().forEach((value, i) => {
      const alpha = concentration.data()[i]!
      expect(Math.abs(value / (2 * alpha + 1) - 1)).toBeLessThan(0.06)
    })
  })

  test('beta, dirichlet, studentT, multivariateNormal: derivatives of means', () => {
    const [a, b] = [leaf(2), leaf(3)]
    const [da, db] = flat(gradients(mean(beta(new Rng(45), a, b, [COUNT])), [a, b]))
    expect(da).toBeCloseTo(3 / 25, 2)
    expect(db).toBeCloseTo(-2 / 25, 2)
    const concentration = leaf([1, 2, 3])
    const [slope] = gradients(mean(dirichlet(new Rng(46), concentration, [COUNT]), 0).slice(0), [
      concentration,
    ])
    const expected = [5 / 36, -1 / 36, -1 / 36]
    slope!.data().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 2)
    })
    const degrees = leaf(8)
    const [spread] = gradients(mean(studentT(new Rng(47), degrees, [COUNT]).square()), [degrees])
    // The variance is d / (d - 2).
    expect(Math.abs(spread!.item() - -2 / 36)).toBeLessThan(0.01)
    const covariance = tensor(
      [
        [4, 2],
        [2, 10],
      ],
      { ...DOUBLE, requiresGrad: true },
    )
    const x = multivariateNormal(new Rng(48), leaf([1, 2]), covariance, [COUNT])
    const moment = mean(x.slice([0, COUNT], 0).square())
    const [change] = gradients(moment, [covariance])
    expect(Math.abs((change!.toArray() as number[][])[0]![0]! - 1)).toBeLessThan(0.05)
  })

  test('gradients of float32 parameters are float32', () => {
    const concentration = tensor([0.5, 3], { requiresGrad: true })
    gamma(new Rng(1), concentration).sum().backward()
    expect(concentration.grad?.dtype).toBe('float32')
  })

  test.each([
    ['bernoulli', (x: Tensor) => bernoulli(new Rng(1), x.sigmoid())],
    ['poisson', (x: Tensor) => poisson(new Rng(1), x.exp())],
    ['categorical', (x: Tensor) => categorical(new Rng(1), x)],
  ] as const)('%s is a constant', (_, draw) => {
    expect(draw(leaf([0.5, 1])).requiresGrad).toBe(false)
  })

  test.each([
    [() => gamma(new Rng(1), 0), 'ArgumentError: gamma: concentration must be above 0, got 0.'],
    [
      () => gamma(new Rng(1), tensor([1, -1])),
      'ArgumentError: gamma: a concentration is a finite number above 0, got -1.',
    ],
    [
      () => gamma(new Rng(1), '1' as never),
      "ArgumentError: gamma: concentration must be a finite number or a tensor, got '1'.",
    ],
    [() => beta(new Rng(1), 1, -2), 'ArgumentError: beta: b must be above 0, got -2.'],
    [
      () => dirichlet(new Rng(1), tensor(1)),
      'ArgumentError: dirichlet: the concentrations need an axis of at least one element.',
    ],
    [
      () => exponential(new Rng(1), [1], { rate: 0 }),
      'ArgumentError: exponential: rate must be above 0, got 0.',
    ],
    [
      () => truncatedNormal(new Rng(1), [1], { low: 1, high: 1 }),
      'ArgumentError: truncatedNormal: mean (0) and std (1) must be finite and std above 0, low (1) below high (1).',
    ],
    [
      () => normal(new Rng(1), [1], { dtype: 'int32' as never }),
      "DTypeError: normal: 'int32' is not a floating dtype; draw float32 or float64 and cast the result.",
    ],
  ])('refusal %#', (body, message) => expect(errorOf(body)).toBe(message))
})

describe('bits', () => {
  const draws: Readonly<Record<string, (rng: Rng) => Tensor>> = {
    bernoulli: rng => bernoulli(rng, 0.5, [8]),
    beta: rng => beta(rng, 0.4, 2, [2], DOUBLE),
    categorical: rng => categorical(rng, tensor([0, 1, 0.5]).expand([6, 3])),
    choice: rng => choice(rng, 9, [5], { replace: false, weights: [1, 2, 3, 4, 5, 6, 7, 8, 9] }),
    dirichlet: rng => dirichlet(rng, tensor([0.3, 5], DOUBLE)),
    exponential: rng => exponential(rng, [2], DOUBLE),
    gamma: rng => gamma(rng, tensor([0.1, 1.5, 30, 1000], DOUBLE)),
    gumbel: rng => gumbel(rng, [2], DOUBLE),
    laplace: rng => laplace(rng, [2], DOUBLE),
    multivariateNormal: rng =>
      multivariateNormal(
        rng,
        tensor([0, 0], DOUBLE),
        tensor(
          [
            [2, 1],
            [1, 2],
          ],
          DOUBLE,
        ),
      ),
    orthogonal: rng => orthogonal(rng, [2, 2], DOUBLE),
    poisson: rng => poisson(rng, tensor([0.5, 5, 50, 5e5])),
    randomIntegers: rng => randomIntegers(rng, [4], { high: 1000 }),
    studentT: rng => studentT(rng, 3, [2], DOUBLE),
    truncatedNormal: rng => truncatedNormal(rng, [3], { low: 4, high: 5, ...DOUBLE }),
  }

  afterEach(() => {
    vi.restoreAllMocks()
  })

  test.each(Object.entries(draws))('golden draws: %s', (name, draw) => {
    expect([...draw(new Rng(42)).data()]).toEqual(GOLDEN[name])
  })

  test.each(Object.entries(draws))('%s uses no function whose last bits an engine may choose', (_, draw) => {
    const before = [...draw(new Rng(7)).data()]
    const chosen = [
      'exp',
      'expm1',
      'log',
      'log1p',
      'log2',
      'log10',
      'pow',
      'sin',
      'cos',
      'tan',
      'sinh',
      'cosh',
      'tanh',
      'atan',
      'cbrt',
      'hypot',
    ] as const
    const spies = chosen.map(name => vi.spyOn(Math, name).mockReturnValue(Number.NaN))
    expect([...draw(new Rng(7)).data()]).toEqual(before)
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })
})

describe('inside vmap', () => {
  test('every example gets the same numbers, unless it has a key of its own', () => {
    const x = tensor([1, 2, 3], DOUBLE)
    const same = vmap((each: Tensor) => normal(new Rng(1), [2], { mean: each, ...DOUBLE }))(x) as Tensor
    const noise = normal(new Rng(1), [2], DOUBLE).data()
    expect(same.toArray()).toEqual([1, 2, 3].map(centre => [centre + noise[0]!, centre + noise[1]!]))
    // Noise of its own for each example comes from outside.
    const own = normal(new Rng(1), [3, 2], DOUBLE)
    const different = vmap((each: Tensor, z: Tensor) => z.add(each))(x, own) as Tensor
    expect(different.toArray()).toEqual(own.add(x.unsqueeze(1)).toArray())
  })

  test('draws with traced parameters run once for the batch', () => {
    const alpha = tensor([0.5, 3, 20], DOUBLE)
    const batched = vmap((each: Tensor) => gamma(new Rng(2), each, [4]))(alpha) as Tensor
    const single = [0.5, 3, 20].map(each => gamma(new Rng(2), tensor(each, DOUBLE), [4]).toArray())
    expect(batched.toArray()).toEqual(single)
    expect((vmap((each: Tensor) => poisson(new Rng(3), each, [2]))(alpha) as Tensor).toArray()).toEqual(
      [0.5, 3, 20].map(each => poisson(new Rng(3), each, [2]).toArray()),
    )
    const logits = tensor([
      [0, 1],
      [5, -5],
    ])
    expect((vmap((each: Tensor) => categorical(new Rng(4), each))(logits) as Tensor).shape).toEqual([2])
    expect((vmap((each: Tensor) => bernoulli(new Rng(4), each.sigmoid()))(logits) as Tensor).shape).toEqual([
      2, 2,
    ])
  })
})

describe('every draw', () => {
  const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')
  const source = read('../src/functional.ts')
  const composed = [...source.matchAll(/from '\.\/composed\/random\/(\w+)\.ts'/g)].map(match => match[1]!)
  const constants = source
    .match(/export \{([^}]*)\} from '\.\/tensor\/random\.ts'/)![1]!
    .match(/\b[a-z]\w+/g)!
  const draws = [...composed, ...constants].filter(name => name !== 'parameters' && name !== 'type').sort()

  test('is a free function, and a method of Rng unless it is heavy', () => {
    expect(draws.length).toBeGreaterThan(15)
    const exported = new Map(Object.entries(functional))
    // Methods come along with the main entry: these would bring the incomplete gamma function, or factorizations.
    const heavy = ['beta', 'dirichlet', 'gamma', 'multivariateNormal', 'poisson', 'studentT']
    for (const name of draws) {
      expect(exported.get(name), name).toBeTypeOf('function')
      expect(Object.hasOwn(Rng.prototype, name), name).toBe(!heavy.includes(name))
    }
    expect(new Rng(1).laplace([3]).toArray()).toEqual(laplace(new Rng(1), [3]).toArray())
    expect(new Rng(1).choice(5, [2]).toArray()).toEqual(choice(new Rng(1), 5, [2]).toArray())
  })

  test('has a row in docs/reference/ops.md', () => {
    const page = read('../../../docs/reference/ops.md')
    const table = page.slice(page.indexOf('## Random draws'), page.indexOf('## Looked up'))
    const rows = [...table.matchAll(/^\| `(\w+)`/gm)].map(match => match[1]!)
    expect(rows.sort()).toEqual(draws)
  })
})
