import {
  arange,
  eye,
  full,
  fullLike,
  geomspace,
  linspace,
  logspace,
  ones,
  onesLike,
  Rng,
  tensor,
  tri,
  zeros,
  zerosLike,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

describe('tensor', () => {
  test('finds the shape of nested numbers', () => {
    expect(tensor(5).shape).toEqual([])
    expect(tensor([1, 2]).shape).toEqual([2])
    expect(tensor([[[1], [2], [3]]]).shape).toEqual([1, 3, 1])
    expect(tensor([]).shape).toEqual([0])
    expect(tensor([[], []]).shape).toEqual([2, 0])
    expect(tensor([[[]]]).shape).toEqual([1, 1, 0])
  })

  test('takes its dtype from the data unless told otherwise', () => {
    expect(tensor([1, 2]).dtype).toBe('float32')
    expect(tensor([true, false]).dtype).toBe('bool')
    expect(tensor(false).dtype).toBe('bool')
    expect(tensor(new Float32Array(1)).dtype).toBe('float32')
    expect(tensor(new Float64Array(1)).dtype).toBe('float64')
    expect(tensor(new Int32Array(1)).dtype).toBe('int32')
    expect(tensor(new Uint8Array([1, 0]), { dtype: 'bool' }).toArray()).toEqual([true, false])
    expect(tensor([1.5], { dtype: 'float64' }).dtype).toBe('float64')
    expect(tensor([true, false], { dtype: 'int32' }).toArray()).toEqual([1, 0])
    expect(tensor([0, 2, -1, Number.NaN], { dtype: 'bool' }).data()).toEqual(new Uint8Array([0, 1, 1, 1]))
  })

  test('rounds to float32 only when the dtype is float32', () => {
    expect(tensor(0.1).item()).toBe(Math.fround(0.1))
    expect(tensor(0.1, { dtype: 'float64' }).item()).toBe(0.1)
  })

  test('copies the data', () => {
    const data = new Float64Array([1, 2])
    const x = tensor(data)
    data[0] = 99
    expect(x.toArray()).toEqual([1, 2])
  })

  test('gives flat data a shape', () => {
    expect(tensor([1, 2, 3, 4, 5, 6], { shape: [3, 2] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ])
    expect(tensor(new Float32Array(0), { shape: [0, 3] }).shape).toEqual([0, 3])
    expect(tensor([7], { shape: [] }).toArray()).toBe(7)
  })

  test('refuses ragged and foreign data, and says where', () => {
    expect(errorOf(() => tensor([[1, 2], [3]]))).toBe(
      'ArgumentError: tensor: the nested array is ragged: [1] has 1 entries where 2 entries would fit.',
    )
    expect(errorOf(() => tensor([[1], 2]))).toBe(
      'ArgumentError: tensor: the nested array is ragged: [1] is 2 where an array of 1 entries would fit.',
    )
    expect(errorOf(() => tensor([1, [2]]))).toBe(
      'ArgumentError: tensor: the nested array is ragged: [1] has 1 entries where a number would fit.',
    )
    expect(errorOf(() => tensor([1, 'two'] as never))).toBe(
      "ArgumentError: tensor: data[1] is 'two'; tensors hold numbers or booleans.",
    )
    expect(errorOf(() => tensor([[null]] as never))).toBe(
      'ArgumentError: tensor: data[0][0] is null; tensors hold numbers or booleans.',
    )
    expect(errorOf(() => tensor([1, true]))).toBe(
      'ArgumentError: tensor: data mixes numbers and booleans; use one of them.',
    )
  })

  test('refuses data that does not fill the shape', () => {
    expect(errorOf(() => tensor([1, 2, 3], { shape: [2, 2] }))).toBe(
      'ShapeError: tensor: shape [2, 2] has 4 elements, the data has 3.',
    )
    expect(errorOf(() => tensor([1], { shape: [-1] }))).toBe(
      'ArgumentError: tensor: [-1] is not a shape; sizes are whole numbers from 0 up.',
    )
  })

  test('refuses unknown dtypes and typed arrays without one', () => {
    expect(errorOf(() => tensor([1], { dtype: 'float16' as never }))).toBe(
      "DTypeError: tensor: 'float16' is not a dtype; use float32, float64, int32 or bool.",
    )
    expect(errorOf(() => tensor(new Uint8Array(2)))).toBe(
      "DTypeError: tensor: Uint8Array has no dtype of its own; pass { dtype: 'float32' | 'float64' | 'int32' | 'bool' } or convert it first.",
    )
  })

  test('int32 holds exactly the whole numbers from -2^31 to 2^31 - 1', () => {
    const limits = [-(2 ** 31), 2 ** 31 - 1]
    expect(tensor(limits, { dtype: 'int32' }).toArray()).toEqual(limits)
    for (const value of [2 ** 31, -(2 ** 31) - 1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(errorOf(() => tensor([value], { dtype: 'int32' }))).toBe(
        `DTypeError: tensor: ${value} does not fit dtype int32; use a floating dtype, or round it first.`,
      )
    }
  })

  test('only floating tensors can require gradients', () => {
    expect(tensor([1], { requiresGrad: true }).requiresGrad).toBe(true)
    expect(errorOf(() => tensor([1], { dtype: 'int32', requiresGrad: true }))).toBe(
      "DTypeError: tensor: a tensor of dtype int32 cannot require gradients; convert it with cast('float32') or cast('float64') first.",
    )
    expect(errorOf(() => zeros([2], { dtype: 'bool', requiresGrad: true }))).toBe(
      "DTypeError: zeros: a tensor of dtype bool cannot require gradients; convert it with cast('float32') or cast('float64') first.",
    )
  })

  test('carries a name', () => {
    expect(tensor([1], { name: 'x' }).name).toBe('x')
    expect(tensor([1]).named('y').name).toBe('y')
    expect(tensor([1]).name).toBeUndefined()
  })

  test('the shape is a copy of what was given', () => {
    const shape = [2]
    const made = [tensor([1, 2], { shape }), zeros(shape), new Rng(1).normal(shape)]
    shape[0] = 3
    expect(made.map(x => x.shape)).toEqual([[2], [2], [2]])
  })
})

describe('filled tensors', () => {
  test('full, zeros, ones', () => {
    expect(full([2], 3).toArray()).toEqual([3, 3])
    expect(full([], 3).toArray()).toBe(3)
    expect(zeros([0, 4]).toArray()).toEqual([])
    expect(zeros([2, 0]).toArray()).toEqual([[], []])
    expect(ones([1, 2], { dtype: 'int32' }).toArray()).toEqual([[1, 1]])
    expect(ones([2], { dtype: 'bool' }).toArray()).toEqual([true, true])
    expect(errorOf(() => zeros([2, 1.5]))).toBe(
      'ArgumentError: zeros: [2, 1.5] is not a shape; sizes are whole numbers from 0 up.',
    )
  })

  test('full holds to the same limits as tensor', () => {
    expect(full([2], 7, { dtype: 'bool' }).data()).toEqual(new Uint8Array([1, 1]))
    expect(errorOf(() => full([2], 1.5, { dtype: 'int32' }))).toBe(
      'DTypeError: full: 1.5 does not fit dtype int32; use a floating dtype, or round it first.',
    )
    expect(errorOf(() => zeros([2], { dtype: 'int64' as never }))).toMatch(
      /^DTypeError: .*'int64' is not a dtype/,
    )
  })

  test('zerosLike and onesLike keep shape and dtype', () => {
    const x = tensor([[1, 2, 3]], { dtype: 'float64', requiresGrad: true })
    for (const [like, value] of [
      [zerosLike(x), 0],
      [onesLike(x), 1],
    ] as const) {
      expect(like.toArray()).toEqual([[value, value, value]])
      expect(like.dtype).toBe('float64')
      expect(like.requiresGrad).toBe(false)
    }
    expect(onesLike(x.transpose()).shape).toEqual([3, 1])
  })

  test('neighbours in one slab do not touch each other', () => {
    const tensors = Array.from({ length: 3000 }, (_, i) => full([1 + (i % 40)], i))
    expect(tensors.every((x, i) => x.data().every(value => value === i))).toBe(true)
  })
})

describe('arange', () => {
  test.each([
    [arange(4), [0, 1, 2, 3]],
    [arange(0), []],
    [arange(-2), []],
    [arange(2, 5), [2, 3, 4]],
    [arange(5, 2), []],
    [arange(5, 2, -1), [5, 4, 3]],
    [arange(0, 1, 0.25), [0, 0.25, 0.5, 0.75]],
    [arange(0, 7, 3), [0, 3, 6]],
  ])('%#', (x, expected) => expect(x.toArray()).toEqual(expected))

  test('counts in multiples of the step, without adding up its error', () => {
    expect(arange(0, 1000, 0.1, { dtype: 'float64' }).data()[9999]).toBe(9999 * 0.1)
  })

  test('refuses a step that leads nowhere', () => {
    expect(errorOf(() => arange(0, 5, 0))).toBe(
      'ArgumentError: arange: cannot count from 0 to 5 in steps of 0.',
    )
    expect(errorOf(() => arange(Number.POSITIVE_INFINITY))).toBe(
      'ArgumentError: arange: cannot count from 0 to Infinity in steps of 1.',
    )
  })
})

describe('linspace', () => {
  test('hits both ends exactly', () => {
    const x = linspace(0.1, 0.7, 7, { dtype: 'float64' }).data()
    expect([x[0], x[6]]).toEqual([0.1, 0.7])
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(linspace(2, -2, 3).toArray()).toEqual([2, 0, -2])
    expect(linspace(3, 9, 1).toArray()).toEqual([3])
    expect(linspace(3, 9, 0).toArray()).toEqual([])
    expect(errorOf(() => linspace(0, 1, 2.5))).toBe(
      'ArgumentError: linspace: the count must be a whole number from 0 up, got 2.5.',
    )
  })
})

test('eye', () => {
  expect(eye(2).toArray()).toEqual([
    [1, 0],
    [0, 1],
  ])
  expect(eye(2, 3, { dtype: 'bool' }).toArray()).toEqual([
    [true, false, false],
    [false, true, false],
  ])
  expect(eye(3, 1).toArray()).toEqual([[1], [0], [0]])
  expect(eye(0).shape).toEqual([0, 0])
  expect(errorOf(() => eye(-1))).toBe(
    'ArgumentError: eye: [-1, -1] is not a shape; sizes are whole numbers from 0 up.',
  )
})

describe('logspace and geomspace', () => {
  test('powers of a base', () => {
    expect(logspace(0, 3, 4).toArray()).toEqual([1, 10, 100, 1000])
    expect(logspace(3, 0, 4, { base: 2 }).toArray()).toEqual([8, 4, 2, 1])
    expect(logspace(0, 8, 3, { base: 2, dtype: 'int32' }).toArray()).toEqual([1, 16, 256])
    expect(logspace(0, 1, 2, { base: 0.5, dtype: 'float64' }).toArray()).toEqual([1, 0.5])
    expect(logspace(2, 5, 1).toArray()).toEqual([100])
    expect(logspace(2, 5, 0).toArray()).toEqual([])
    expect(errorOf(() => logspace(0, 1, -1))).toBe(
      'ArgumentError: logspace: the count must be a whole number from 0 up, got -1.',
    )
    expect(errorOf(() => logspace(0, 1, 2, { base: Number.NaN }))).toBe(
      'ArgumentError: logspace: the base must be a finite number, got NaN.',
    )
  })

  test('a constant ratio, with exact ends', () => {
    expect(geomspace(1, 256, 9).toArray()).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256])
    const x = geomspace(0.1, 0.7, 11, { dtype: 'float64' }).data()
    expect([x[0], x[10]]).toEqual([0.1, 0.7])
    for (let i = 1; i < 11; i++) expect(x[i]! / x[i - 1]!).toBeCloseTo(7 ** 0.1, 14)
    expect(geomspace(-1000, -1, 4).toArray()).toEqual([-1000, -100, -10, -1])
    expect(geomspace(5, 9, 1).toArray()).toEqual([5])
    expect(geomspace(5, 9, 0).toArray()).toEqual([])
    for (const [start, end] of [
      [0, 1],
      [-1, 1],
      [1, Number.POSITIVE_INFINITY],
    ] as const) {
      expect(errorOf(() => geomspace(start, end, 3))).toBe(
        `ArgumentError: geomspace: the ends must be finite and both above 0 or both below, got ${start} and ${end}.`,
      )
    }
  })
})

test('tri', () => {
  expect(tri(3).toArray()).toEqual([
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
  ])
  expect(tri(2, 4, 1).toArray()).toEqual([
    [1, 1, 0, 0],
    [1, 1, 1, 0],
  ])
  expect(tri(3, 2, -1, { dtype: 'bool' }).toArray()).toEqual([
    [false, false],
    [true, false],
    [true, true],
  ])
  expect(tri(2, 2, -5).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ])
  expect(tri(2, 2, 5).sum().item()).toBe(4)
  expect(tri(0, 3).shape).toEqual([0, 3])
  expect(errorOf(() => tri(2, 2, 0.5))).toBe(
    'ArgumentError: tri: the diagonal must be a whole number, got 0.5.',
  )
})

test('fullLike', () => {
  const x = tensor([[1, 2]], { dtype: 'int32', name: 'x' })
  const y = fullLike(x, 7)
  expect([y.toArray(), y.dtype, y.name]).toEqual([[[7, 7]], 'int32', undefined])
  expect(fullLike(tensor([true]), 0).toArray()).toEqual([false])
  expect(fullLike(zeros([0, 2]), 1).shape).toEqual([0, 2])
  expect(fullLike(tensor([1], { requiresGrad: true }), 2).requiresGrad).toBe(false)
  expect(errorOf(() => fullLike(x, 0.5))).toBe(
    'DTypeError: fullLike: 0.5 does not fit dtype int32; use a floating dtype, or round it first.',
  )
})

describe('every creating function takes dtype, name and requiresGrad', () => {
  const dtypes = ['float32', 'float64', 'int32', 'bool'] as const
  test.each([
    ['tensor', (options: object) => tensor([1, 0], options)],
    ['zeros', (options: object) => zeros([2], options)],
    ['ones', (options: object) => ones([2], options)],
    ['full', (options: object) => full([2], 1, options)],
    ['arange', (options: object) => arange(0, 2, 1, options)],
    ['linspace', (options: object) => linspace(0, 1, 2, options)],
    ['logspace', (options: object) => logspace(0, 1, 2, options)],
    ['geomspace', (options: object) => geomspace(1, 2, 2, options)],
    ['eye', (options: object) => eye(2, 2, options)],
    ['tri', (options: object) => tri(2, 2, 0, options)],
  ] as const)('%s', (_, create) => {
    for (const dtype of dtypes) expect(create({ dtype }).dtype).toBe(dtype)
    const x = create({ requiresGrad: true, name: 'x' })
    expect([x.requiresGrad, x.name, x.dtype]).toEqual([true, 'x', 'float32'])
    expect(errorOf(() => create({ dtype: 'int32', requiresGrad: true }))).toContain(
      'cannot require gradients',
    )
  })
})

test('linspace drops fractions for whole numbers, and refuses ends that are none', () => {
  expect(linspace(0, 5, 4, { dtype: 'int32' }).toArray()).toEqual([0, 1, 3, 5])
  expect(errorOf(() => linspace(0, Number.POSITIVE_INFINITY, 3))).toBe(
    'ArgumentError: linspace: end must be a finite number, got Infinity.',
  )
})

test('arange: negative and fractional steps, exact counts', () => {
  expect(arange(1, 0, -0.25).toArray()).toEqual([1, 0.75, 0.5, 0.25])
  expect(arange(0, -5, -2, { dtype: 'int32' }).toArray()).toEqual([0, -2, -4])
  expect(arange(0, 5, -1).toArray()).toEqual([])
  expect(arange(0).shape).toEqual([0])
  expect(errorOf(() => arange(0, 1, 0.5, { dtype: 'int32' }))).toBe(
    'DTypeError: tensor: 0.5 does not fit dtype int32; use a floating dtype, or round it first.',
  )
})
