import { arange, Rng, type Tensor, tensor, zeros } from '@adjoint/core'
import { collate, Dataset, kFoldIndices, slidingWindows, splitIndices } from '@adjoint/data'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at)
const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b)

describe('Dataset', () => {
  const x = tensor([
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ])
  const y = tensor([0, 1, 0, 1], { dtype: 'int32' })
  const data = Dataset.fromTensors({ x, y })

  test('of tensors: examples and batches, in the form they came in', () => {
    expect(data.length).toBe(4)
    expect(data.get(2).x.toArray()).toEqual([5, 6])
    expect(data.get(3).y.toArray()).toBe(1)
    const batch = data.batch([3, 0, 0])
    expect(batch.x.toArray()).toEqual([
      [7, 8],
      [1, 2],
      [1, 2],
    ])
    expect(batch.y.dtype).toBe('int32')
    expectTypeOf(batch.x).toEqualTypeOf<Tensor<[number, 2]>>()
    expectTypeOf(data.get(0).x).toEqualTypeOf<Tensor<[2]>>()
    expect(Dataset.fromTensors(x).batch([1]).toArray()).toEqual([[3, 4]])
    expect(Dataset.fromTensors([x, y]).batch([1, 2])[1].toArray()).toEqual([1, 0])
    expect(data.batch([]).x.shape).toEqual([0, 2])
    expect(data.all().y.toArray()).toEqual([0, 1, 0, 1])
  })

  test('rows that follow each other are looked at, not copied', () => {
    expect(data.batch([1, 2, 3]).x.storage).toBe(x.storage)
    expect(data.batch([1, 3]).x.storage === x.storage && data.batch([1, 3]).x.offset === x.offset).toBe(false)
  })

  test('rows of views', () => {
    const columns = Dataset.fromTensors(x.transpose())
    expect(columns.batch([1, 0]).toArray()).toEqual([
      [2, 4, 6, 8],
      [1, 3, 5, 7],
    ])
    expect(columns.get(1).toArray()).toEqual([2, 4, 6, 8])
    const windows = slidingWindows(arange(6), { inputLength: 3 })
    expect(Dataset.fromTensors(windows.inputs).batch([2, 0]).toArray()).toEqual([
      [2, 3, 4],
      [0, 1, 2],
    ])
  })

  test('of items, of a source', () => {
    const words = Dataset.fromArray(['a', 'b', 'c'])
    expect(words.batch([2, 0])).toEqual(['c', 'a'])
    const squares = new Dataset<number>({ length: 5, get: index => index * index })
    expect(squares.batch([1, 4]).toArray()).toEqual([1, 16])
  })

  test('map, filter, subset, concat', () => {
    const sums = data.map(({ x, y }, index) => ({ sum: x.sum().item() + y.item(), index }))
    expect(sums.batch([1, 0]).sum.toArray()).toEqual([8, 3])
    const ones = data.filter(({ y }) => y.item() === 1)
    expect(ones.all().x.toArray()).toEqual([
      [3, 4],
      [7, 8],
    ])
    const both = data.subset([3, 1]).concat(data.subset([]), ones.subset([0]))
    expect(both.length).toBe(3)
    expect(numbers(3).map(at => both.get(at).x.toArray())).toEqual([
      [7, 8],
      [3, 4],
      [3, 4],
    ])
    expect(both.batch([0, 1]).x.toArray()).toEqual([
      [7, 8],
      [3, 4],
    ])
    expect(both.batch([2, 0]).x.toArray()).toEqual([
      [3, 4],
      [7, 8],
    ])
  })

  test('says what is wrong', () => {
    expect(() => data.get(4)).toThrow('Dataset.get: there is no example 4; they are numbered from 0 to 3')
    expect(() => data.batch([0, -1])).toThrow('there is no example -1')
    expect(() => data.subset([0.5])).toThrow('there is no example 0.5')
    expect(() => Dataset.fromTensors({ x, y: zeros([3]) })).toThrow('must be the same, got [4, 2], [3]')
    expect(() => Dataset.fromTensors({ x: tensor(1) as never })).toThrow('the first axis of every tensor')
    expect(() => Dataset.fromTensors({} as never)).toThrow('takes a tensor, or an array or a plain object')
    expect(() => new Dataset({ length: -1 } as never)).toThrow('takes { length, get(index) }')
    expect(() => data.map(3 as never)).toThrow('takes a function')
  })
})

describe('collate', () => {
  test('refuses items of different forms', () => {
    expect(() => collate([])).toThrow('the items are none')
    expect(() => collate([1, 'a'])).toThrow('the items are of different types')
    expect(() => collate([{ a: 1 }, { b: 1 }])).toThrow('the items have different keys')
    expect(() => collate([{ a: { b: 1 } }, { a: { b: null } }])).toThrow("'a.b' are of different types")
    expect(() => collate([zeros([1]), zeros([2])])).toThrow('all shapes must be equal')
    expect(() => collate([() => 1])).toThrow('say how to make a batch with { collate')
    expect(collate([true, false]).toArray()).toEqual([true, false])
    expect(collate([[1, 'a'] as const, [2, 'b'] as const])[1]).toEqual(['a', 'b'])
  })
})

describe('splitIndices', () => {
  test('every position is in one part, sizes add up, a seed decides', () => {
    const fractions = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 300 }),
        fractions,
        fc.nat(),
        fc.boolean(),
        (count, shares, seed, stratify) => {
          const sum = shares.reduce((total, share) => total + share, 0)
          const parts = shares.map(share => share / sum)
          const labels = numbers(count).map(at => at % 3)
          const options = stratify ? { stratify: labels } : {}
          const found = splitIndices(count, parts, new Rng(seed), options)
          expect(sorted(found.flat())).toEqual(numbers(count))
          // Both ends are rounded, and the product here too.
          for (const [at, part] of found.entries())
            expect(Math.abs(part.length - parts[at]! * count)).toBeLessThanOrEqual(1 + 1e-9)
          expect(splitIndices(count, parts, new Rng(seed), options)).toEqual(found)
          expect(splitIndices(count, parts, new Rng(seed + 1), options)).not.toEqual(found)
          if (!stratify) return
          for (const part of found) {
            for (const label of [0, 1, 2]) {
              const share = labels.filter(other => other === label).length / count
              const size = part.filter(at => labels[at] === label).length
              expect(Math.abs(size - share * part.length)).toBeLessThan(2.5)
            }
          }
        },
      ),
    )
  })

  test('a rare label reaches both parts', () => {
    const labels = numbers(100).map(at => (at < 10 ? 'rare' : 'common'))
    for (let seed = 0; seed < 20; seed++) {
      const [train, test] = splitIndices(100, [0.8, 0.2], new Rng(seed), { stratify: labels })
      expect([train, test].map(part => part!.filter(at => at < 10).length)).toEqual([8, 2])
      expect(test!.slice(0, 18).some(at => at < 10) || test!.some(at => at >= 10)).toBe(true)
    }
  })

  test('what the fractions leave over is in no part', () => {
    const [few] = splitIndices(100, [0.1], new Rng(0), { stratify: tensor(numbers(100).map(at => at % 2)) })
    expect(few!.length).toBe(10)
    expect(few!.filter(at => at % 2 === 0).length).toBe(5)
  })

  test('kFold holds out everything once', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 60 }),
        fc.integer({ min: 2, max: 5 }),
        fc.nat(),
        (count, k, seed) => {
          const folds = kFoldIndices(count, k, new Rng(seed), { stratify: numbers(count).map(at => at % 2) })
          expect(sorted(folds.flatMap(({ validation }) => [...validation]))).toEqual(numbers(count))
          for (const { train, validation } of folds) {
            expect(sorted([...train, ...validation])).toEqual(numbers(count))
            expect(Math.abs(validation.length - count / k)).toBeLessThan(1)
          }
        },
      ),
    )
  })

  test('says what is wrong', () => {
    expect(() => splitIndices(10, [0.8, 0.3], new Rng(0))).toThrow('at most 1 together, got [0.8,0.3]')
    expect(() => splitIndices(10, [], new Rng(0))).toThrow('must be above 0')
    expect(() => splitIndices(2, [0.9, 0.1], new Rng(0))).toThrow('2 examples are too few for a part of 0.1')
    expect(() => splitIndices(10, [1], 0 as never)).toThrow('takes a generator')
    expect(() => splitIndices(10, [1], new Rng(0), { stratify: [1] })).toThrow(
      'a label for each of the 10 examples, got 1',
    )
    expect(() => kFoldIndices(3, 4, new Rng(0))).toThrow('k must be a whole number from 2 to the 3 examples')
    expect(() => kFoldIndices(-3, 4, new Rng(0))).toThrow('the count must be')
  })

  test('of a data set, by a function of the example', () => {
    const data = Dataset.fromArray(numbers(20))
    const [train, test] = data.split([0.5, 0.5], new Rng(0), { stratify: value => value % 2 })
    expect(sorted([...train.all().data(), ...test.all().data()])).toEqual(numbers(20))
    expect([...train.all().data()].filter(value => value % 2 === 0).length).toBe(5)
    const folds = data.kFold(4, new Rng(0), { stratify: numbers(20).map(at => at % 2) })
    expect(folds.map(({ train, validation }) => [train.length, validation.length])).toEqual(
      new Array(4).fill([15, 5]),
    )
  })
})

describe('slidingWindows', () => {
  test('all settings, against a loop', () => {
    const setting = fc.integer({ min: 1, max: 4 })
    fc.assert(
      fc.property(
        setting,
        setting,
        fc.nat(3),
        setting,
        fc.nat(12),
        (inputLength, horizon, gap, stride, more) => {
          const steps = inputLength + horizon + gap + more
          const series = arange(2 * steps).reshape([steps, 2])
          const rows = series.toArray() as number[][]
          const { inputs, targets } = slidingWindows(series, { inputLength, horizon, gap, stride })
          const expected: number[][][][] = []
          for (let start = 0; start + inputLength + gap + horizon <= steps; start += stride) {
            const next = start + inputLength + gap
            expected.push([rows.slice(start, start + inputLength), rows.slice(next, next + horizon)])
          }
          expect(inputs.toArray()).toEqual(expected.map(([input]) => input))
          expect(targets.toArray()).toEqual(expected.map(([, target]) => target))
          expect(inputs.storage).toBe(series.storage)
        },
      ),
    )
  })

  test('says what is wrong', () => {
    expect(() => slidingWindows(arange(3), { inputLength: 3 })).toThrow('takes 4 steps, the series has 3')
    expect(() => slidingWindows(arange(3), { inputLength: 0 })).toThrow(
      'inputLength must be a whole number from 1 up',
    )
    expect(() => slidingWindows(tensor(1), { inputLength: 1 })).toThrow('takes a series')
    expect(() => slidingWindows(arange(3), { length: 1 } as never)).toThrow('knows no')
  })
})
