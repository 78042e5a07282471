// Initialisers: what they promise about many draws, the fans they count, and what they refuse.
import { ArgumentError, Rng, type Tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { type Initializer, initializers } from '../src/index.ts'
import { errorOf } from './support.ts'

const {
  constant,
  dirac,
  gain,
  heNormal,
  heUniform,
  identity,
  leCunNormal,
  leCunUniform,
  normal,
  ones,
  orthogonal,
  sparse,
  truncatedNormal,
  uniform,
  xavierNormal,
  xavierUniform,
  zeros,
} = initializers

/** 60 000 entries: mean and standard deviation are then known to half a percent or so. */
const SHAPE = [200, 300]
const draw = (initializer: Initializer, shape: readonly number[] = SHAPE): Tensor =>
  initializer(shape, { rng: new Rng(4), dtype: 'float64' })

function statistics(x: Tensor): { mean: number; std: number; low: number; high: number } {
  const values = x.data()
  const mean = x.mean().item()
  const std = Math.sqrt(x.sub(mean).square().mean().item())
  return { mean, std, low: Math.min(...values), high: Math.max(...values) }
}

const uniformStd = (bound: number): number => bound / Math.sqrt(3)

describe('many draws have the promised statistics', () => {
  const tanhGain = 5 / 3
  const cases: readonly [string, Initializer, { mean?: number; std: number; bound?: number }][] = [
    ['uniform', uniform({ low: -2, high: 2 }), { std: uniformStd(2), bound: 2 }],
    ['uniform by default', uniform(), { mean: 0.5, std: uniformStd(0.5) }],
    ['normal', normal({ mean: 3, std: 2 }), { mean: 3, std: 2 }],
    ["normal by default, the lecture's", normal(), { std: 0.01 }],
    ['xavierUniform', xavierUniform(), { std: Math.sqrt(2 / 500), bound: Math.sqrt(6 / 500) }],
    ['xavierNormal', xavierNormal({ gain: tanhGain }), { std: tanhGain * Math.sqrt(2 / 500) }],
    ['heUniform', heUniform(), { std: Math.sqrt(2 / 300), bound: Math.sqrt(6 / 300) }],
    ['heNormal', heNormal(), { std: Math.sqrt(2 / 300) }],
    ['heNormal, fanOut', heNormal({ mode: 'fanOut' }), { std: Math.sqrt(2 / 200) }],
    ['heNormal before tanh', heNormal({ nonlinearity: 'tanh' }), { std: tanhGain / Math.sqrt(300) }],
    ['heUniform before a linear output', heUniform({ nonlinearity: 'linear' }), { std: 1 / Math.sqrt(300) }],
    ['heNormal before sigmoid', heNormal({ nonlinearity: 'sigmoid' }), { std: 1 / Math.sqrt(300) }],
    ['heNormal before selu', heNormal({ nonlinearity: 'selu' }), { std: 0.75 / Math.sqrt(300) }],
    ['leCunUniform', leCunUniform, { std: Math.sqrt(1 / 300), bound: Math.sqrt(3 / 300) }],
    ['leCunNormal', leCunNormal, { std: Math.sqrt(1 / 300) }],
    // Cut off at two standard deviations, std shrinks by √(1 − 4 φ(2) / (2 Φ(2) − 1)).
    ['truncatedNormal', truncatedNormal(), { std: 0.02 * 0.8796256610342398, bound: 0.04 + 1e-12 }],
    [
      'heNormal before a leakyRelu',
      heNormal({ nonlinearity: 'leakyRelu', slope: 1 }),
      { std: 1 / Math.sqrt(300) },
    ],
  ]
  test.each(cases)('%s', (_, initializer, { mean = 0, std, bound = Infinity }) => {
    const found = statistics(draw(initializer))
    // Six standard errors of the mean, and of the standard deviation.
    expect(Math.abs(found.mean - mean)).toBeLessThan((6 * std) / Math.sqrt(60_000))
    expect(Math.abs(found.std - std)).toBeLessThan((6 * std) / Math.sqrt(2 * 60_000))
    expect(found.low).toBeGreaterThanOrEqual(-bound)
    expect(found.high).toBeLessThan(bound)
    // A uniform draw of this size comes near to its ends.
    if (bound < Infinity) expect(found.high - found.low).toBeGreaterThan(2 * bound * 0.999)
  })
})

test('constants', () => {
  const options = { dtype: 'float64' } as const
  expect(zeros([2, 2], options).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ])
  expect(ones([2], options).toArray()).toEqual([1, 1])
  expect(constant(-3)([1, 2], options).toArray()).toEqual([[-3, -3]])
  expect(constant(1)([1], options).dtype).toBe('float64')
})

test('orthogonal rows or columns, whichever are fewer', () => {
  for (const shape of [
    [3, 5],
    [5, 3],
    [4, 2, 2, 2],
  ]) {
    const rows = shape[0]!
    const flat = draw(orthogonal({ gain: 2 }), shape).reshape([rows, -1]) as Tensor
    const gram = rows <= flat.shape[1]! ? flat.matmul(flat.transpose()) : flat.transpose().matmul(flat)
    const off = gram.sub(draw(identity, gram.shape).mul(4)).abs().max().item()
    expect(off).toBeLessThan(1e-14)
  }
})

test('sparse: the same number of zeros in every column, at other places', () => {
  const w = draw(sparse({ sparsity: 0.105, std: 2 }), [100, 20])
  const zeros = w.equal(0).cast('int32')
  expect(new Set(zeros.sum(0).data())).toEqual(new Set([11]))
  expect(zeros.sum(1).max().item()).toBeLessThan(12)
  expect(
    Math.abs(
      w
        .square()
        .sum()
        .div(20 * 89)
        .item() /
        4 -
        1,
    ),
  ).toBeLessThan(0.2)
})

test('identity and dirac pass on what comes in', () => {
  expect(draw(identity, [2, 3]).toArray()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ])
  expect(draw(dirac(), [3, 2, 3]).toArray()).toEqual([
    [
      [0, 1, 0],
      [0, 0, 0],
    ],
    [
      [0, 0, 0],
      [0, 1, 0],
    ],
    [
      [0, 0, 0],
      [0, 0, 0],
    ],
  ])
  // Two groups of one channel each: both pass on their own channel.
  expect(draw(dirac({ groups: 2 }), [2, 1, 2]).toArray()).toEqual([[[0, 1]], [[0, 1]]])
  expect(draw(dirac(), [1, 1, 3, 2]).data().indexOf(1)).toBe(3)
})

test('gains', () => {
  expect(gain('relu')).toBe(Math.SQRT2)
  expect(gain('leakyRelu', 0.2)).toBe(Math.sqrt(2 / 1.04))
  expect([gain('linear'), gain('sigmoid'), gain('tanh'), gain('selu')]).toEqual([1, 1, 5 / 3, 0.75])
})

test('every initialiser gives the dtype that it is asked for', () => {
  for (const initializer of [
    zeros,
    uniform(),
    normal(),
    xavierUniform(),
    xavierNormal(),
    heUniform(),
    heNormal(),
    leCunUniform,
    leCunNormal,
    truncatedNormal(),
    orthogonal(),
    sparse({ sparsity: 0.5 }),
    identity,
  ]) {
    for (const dtype of ['float32', 'float64'] as const) {
      expect(initializer([2, 3], { rng: new Rng(0), dtype }).dtype).toBe(dtype)
    }
  }
})

test('the fans of a window count its size: [out, in, 3, 3]', () => {
  const std = Math.sqrt(2 / (40 * 9))
  const found = statistics(draw(heNormal(), [50, 40, 3, 3]))
  expect(Math.abs(found.std - std)).toBeLessThan((6 * std) / Math.sqrt(2 * 18_000))
})

describe('refused', () => {
  const refused: readonly [string, () => unknown, string][] = [
    [
      'no generator',
      () => uniform()([2], { dtype: 'float32' }),
      'initializers.uniform: draws random numbers and got no generator; give the layer one, { rng: new Rng(0) }.',
    ],
    [
      'fans of a bias',
      () => draw(heNormal(), [3]),
      'initializers.heNormal: needs a weight of shape [out, in, ...] to count what flows in and out, got [3]. Biases start at zeros, or from uniform({ low, high }).',
    ],
    [
      'low above high',
      () => uniform({ low: 1, high: 0 }),
      'initializers.uniform: low (1) must not be above high (0).',
    ],
    [
      'a bound of NaN',
      () => uniform({ low: Number.NaN }),
      'initializers.uniform: low must be a finite number, got NaN.',
    ],
    [
      'a negative deviation',
      () => normal({ std: -1 }),
      'initializers.normal: std must be a finite number from 0 up, got -1.',
    ],
    [
      'an infinite constant',
      () => constant(Infinity),
      'initializers.constant: the value must be a finite number, got Infinity.',
    ],
    [
      'a negative gain',
      () => xavierNormal({ gain: -1 }),
      'initializers.xavierNormal: gain must be a finite number from 0 up, got -1.',
    ],
    [
      'an unknown activation',
      () => heUniform({ nonlinearity: 'gelu' as 'relu' }),
      "initializers.heUniform: knows no gain for 'gelu'; nonlinearity is one of linear, sigmoid, tanh, relu, leakyRelu, selu.",
    ],
    [
      'a misspelt setting',
      () => xavierNormal({ gains: 2 } as object),
      "initializers.xavierNormal: knows no 'gains'; did you mean gain?",
    ],
    [
      'a sparsity of percent',
      () => sparse({ sparsity: 10 }),
      'initializers.sparse: sparsity must be from 0 to 1, got 10.',
    ],
    [
      'a sparse kernel',
      () => draw(sparse({ sparsity: 0.1 }), [2, 2, 2]),
      'initializers.sparse: needs a weight [out, in], got [2, 2, 2].',
    ],
    [
      'an identity of one axis',
      () => draw(identity, [2]),
      'initializers.identity: needs a weight [out, in], got [2].',
    ],
    [
      'groups that do not divide the channels',
      () => draw(dirac({ groups: 2 }), [3, 1, 3]),
      'initializers.dirac: needs a kernel [out, in / groups, ...window] with out divisible by groups, got [3, 1, 3] and 2 groups.',
    ],
    [
      'an unknown mode',
      () => heNormal({ mode: 'fan_in' as 'fanIn' }),
      "initializers.heNormal: mode must be 'fanIn' or 'fanOut', got 'fan_in'.",
    ],
  ]
  test.each(refused)('%s', (_, run, message) => {
    const error = errorOf(run)
    expect(error).toBeInstanceOf(ArgumentError)
    expect(error.message).toBe(message)
  })
})
