import { arange, Rng, type Tensor, tensor, zeros } from '@adjoint/core'
import { MinMaxScaler, OneHotEncoder, StandardScaler } from '@adjoint/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const close = (a: Tensor, b: Tensor, tolerance: number): void => {
  const scale = Math.max(1, b.abs().max().item())
  expect(a.sub(b).abs().max().item() / scale).toBeLessThan(tolerance)
}

describe('StandardScaler', () => {
  test('mean 0 and deviation 1 on what it was measured on, and back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        (rows, features, seed) => {
          const x = new Rng(seed).normal([rows, features], { dtype: 'float64' }).mul(100).add(1000)
          const scaler = StandardScaler.fit(x)
          const scaled = scaler.transform(x)
          close(scaled.mean(0), zeros([features], { dtype: 'float64' }), 1e-12)
          close(scaled.square().mean(0), zeros([features], { dtype: 'float64' }).add(1), 1e-11)
          close(scaler.inverse(scaled), x, 1e-13)
          expect(new StandardScaler(JSON.parse(JSON.stringify(scaler.state))).transform(x).toArray()).toEqual(
            scaled.toArray(),
          )
        },
      ),
    )
  })

  test('a feature that never varies becomes 0, also one that binary numbers cannot hold', () => {
    const x = tensor([[0.1], [0.1], [0.1]], { dtype: 'float64' })
    const scaler = StandardScaler.fit(x)
    expect(scaler.state).toEqual({ mean: [0.1], deviation: [1], axis: -1 })
    expect(scaler.transform(x).toArray()).toEqual([[0], [0], [0]])
    expect(scaler.inverse(zeros([1, 1], { dtype: 'float64' })).toArray()).toEqual([[0.1]])
  })

  test('one scale for all, and features along any axis', () => {
    const x = tensor([
      [0, 4],
      [0, 4],
    ])
    expect(StandardScaler.fit(x, { shared: true }).state).toEqual({ mean: [2], deviation: [2], axis: null })
    const images = arange(24).reshape([2, 3, 2, 2])
    const scaler = StandardScaler.fit(images, { axis: 1 })
    const scaled = scaler.transform(images)
    expect(scaler.mean).toEqual([7.5, 11.5, 15.5])
    close(scaled.mean([0, 2, 3]), zeros([3]), 1e-6)
    expect(scaled.dtype).toBe('float32')
    expect(StandardScaler.fit(images.transpose()).mean.length).toBe(2)
    expect(
      StandardScaler.fit(tensor([1, 2, 3], { dtype: 'int32' }), { axis: 0 }).transform(
        tensor([4, 5, 6], { dtype: 'int32' }),
      ).dtype,
    ).toBe('float32')
  })

  test('says what is wrong', () => {
    const scaler = StandardScaler.fit(tensor([[1, 2]]))
    expect(() => scaler.transform(zeros([2, 3]))).toThrow(
      'knows 2 features, the tensor of shape [2, 3] has 3 along axis -1',
    )
    expect(() => StandardScaler.fit(tensor([[1, Number.NaN]]))).toThrow('feature 1 holds NaN')
    expect(() => StandardScaler.fit(zeros([0, 2]))).toThrow('needs examples')
    expect(() => StandardScaler.fit(zeros([2, 2]), { axis: 2 })).toThrow('axis 2 is outside')
    expect(() => StandardScaler.fit([[1]] as never)).toThrow('takes a tensor')
    expect(() => new StandardScaler({ mean: [1], deviation: [0], axis: -1 })).toThrow('must be above 0')
    expect(() => new StandardScaler({ mean: [1, 2], deviation: [1], axis: -1 })).toThrow('takes a state')
    expect(() => new StandardScaler({ mean: [1, 2], deviation: [1, 1], axis: null })).toThrow('takes a state')
  })
})

describe('MinMaxScaler', () => {
  test('into the range and back', () => {
    const x = tensor([
      [0, 5, 7],
      [10, 5, 9],
    ])
    const scaler = MinMaxScaler.fit(x, { range: [-1, 3] })
    expect(scaler.transform(x).toArray()).toEqual([
      [-1, -1, -1],
      [3, -1, 3],
    ])
    expect(scaler.inverse(scaler.transform(x)).toArray()).toEqual(x.toArray())
    expect(new MinMaxScaler(JSON.parse(JSON.stringify(scaler.state))).state).toEqual(scaler.state)
    expect(MinMaxScaler.fit(x, { shared: true }).transform(x).max().item()).toBe(1)
  })

  test('says what is wrong', () => {
    expect(() => MinMaxScaler.fit(zeros([1, 1]), { range: [1, 0] })).toThrow('the lower one first')
    expect(() => new MinMaxScaler({ minimum: [1], maximum: [0], range: [0, 1], axis: 0 })).toThrow(
      'must not be above',
    )
  })
})

describe('OneHotEncoder', () => {
  test('numbers and rows, and back', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', '__proto__'), { minLength: 1 }), values => {
        const encoder = OneHotEncoder.fit(values)
        expect(encoder.inverse(encoder.transform(values))).toEqual(values)
        expect(encoder.categories).toEqual([...new Set(values)].sort())
        expect([...encoder.indices(values).data()]).toEqual(
          values.map(value => encoder.categories.indexOf(value)),
        )
      }),
    )
  })

  test('unknown categories', () => {
    const strict = new OneHotEncoder([3, 1])
    expect(() => strict.transform([2])).toThrow('2 is no known category; known are 3, 1')
    const lenient = new OneHotEncoder([3, 1], { unknown: 'zeros' })
    expect(lenient.transform([1, 2]).toArray()).toEqual([
      [0, 1],
      [0, 0],
    ])
    expect(lenient.indices([2]).toArray()).toEqual([-1])
    expect(() => new OneHotEncoder([])).toThrow('at least one category')
    expect(() => new OneHotEncoder(['a', 'a'])).toThrow('a category is there twice')
    expect(() => strict.inverse(zeros([2, 3]))).toThrow('takes a tensor [values, 2]')
  })
})
