import {
  add,
  type DType,
  exp,
  full,
  greater,
  matmul,
  mean,
  mul,
  promote,
  relu,
  sum,
  type Tensor,
  tensor,
  where,
  withDefaultDType,
} from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

const one = (dtype: DType): Tensor<[1, 1]> => full([1, 1], 1, { dtype })

describe('promotion', () => {
  const table: readonly [DType, DType, DType][] = [
    ['bool', 'bool', 'bool'],
    ['bool', 'int32', 'int32'],
    ['bool', 'float32', 'float32'],
    ['bool', 'float64', 'float64'],
    ['int32', 'int32', 'int32'],
    ['int32', 'float32', 'float32'],
    ['int32', 'float64', 'float64'],
    ['float32', 'float32', 'float32'],
    ['float32', 'float64', 'float64'],
    ['float64', 'float64', 'float64'],
  ]
  test.each(table)('%s with %s gives %s', (left, right, result) => {
    expect(promote(left, right)).toBe(result)
    expect(promote(right, left)).toBe(result)
    const number = result === 'bool' ? 'int32' : result
    const ops: readonly ((x: Tensor, y: Tensor) => Tensor)[] = [add, mul, matmul]
    for (const op of ops) {
      expect(op(one(left), one(right)).dtype).toBe(number)
      expect(op(one(right), one(left)).dtype).toBe(number)
    }
    expect(greater(one(left), one(right)).dtype).toBe('bool')
    expect(where(tensor(true), one(left), one(right)).dtype).toBe(result)
  })

  test.each([
    ['bool', 'int32', 'float32', 'int32', 'float32'],
    ['int32', 'int32', 'float32', 'int32', 'float32'],
    ['float32', 'float32', 'float32', 'float32', 'float32'],
    ['float64', 'float64', 'float64', 'float64', 'float64'],
  ] as const)('of %s: relu %s, exp %s, sum %s, mean %s', (dtype, number, floating, total, average) => {
    const x = one(dtype)
    expect([relu(x), exp(x), sum(x), mean(x)].map(result => result.dtype)).toEqual([
      number,
      floating,
      total,
      average,
    ])
  })
})

test('plain numbers take the dtype of the tensor they meet, unless it cannot hold them', () => {
  const results = (['bool', 'int32', 'float32', 'float64'] as const).map(dtype => [
    one(dtype).add(2).dtype,
    one(dtype).add(0.5).dtype,
    mul(3, one(dtype)).dtype,
  ])
  expect(results).toEqual([
    ['int32', 'float32', 'int32'],
    ['int32', 'float32', 'int32'],
    ['float32', 'float32', 'float32'],
    ['float64', 'float64', 'float64'],
  ])
  expect(one('float64').mul(0.1).item()).toBe(0.1)
  expect(one('float32').mul(0.1).item()).toBe(Math.fround(0.1))
})

test('cast', () => {
  const x = tensor([-1.7, 0, 2.5])
  expect(x.cast('int32').toArray()).toEqual([-1, 0, 2])
  expect(x.cast('bool').toArray()).toEqual([true, false, true])
  expect(x.cast('float32')).toBe(x)
  expect(tensor([true, false]).cast('float64').toArray()).toEqual([1, 0])
  expect(tensor([1], { requiresGrad: true }).cast('int32').requiresGrad).toBe(false)
})

test('a gradient has the dtype of its tensor', () => {
  const single = tensor([1, 2], { requiresGrad: true })
  const double = tensor([3, 4], { dtype: 'float64', requiresGrad: true })
  single.mul(double).sum().backward()
  expect([single.grad?.dtype, double.grad?.dtype]).toEqual(['float32', 'float64'])
  expect(single.grad?.toArray()).toEqual([3, 4])
})

describe('withDefaultDType', () => {
  test('holds inside the call only, nested and after an error too', () => {
    const seen: DType[] = []
    const look = () => seen.push(tensor(1).dtype)
    withDefaultDType('float64', () => {
      look()
      withDefaultDType('float32', look)
      look()
    })
    look()
    expect(() =>
      withDefaultDType('float64', () => {
        throw new Error('stop')
      }),
    ).toThrow('stop')
    look()
    expect(seen).toEqual(['float64', 'float32', 'float64', 'float32', 'float32'])
  })

  test('refuses integers', () => {
    expect(errorOf(() => withDefaultDType('int32' as never, () => 1))).toBe(
      'DTypeError: withDefaultDType: the default dtype must be float32 or float64, got int32.',
    )
  })
})
