import { arange, permutation, Rng, tensor } from '@adjoint/core'
import {
  AsyncDataLoader,
  DataLoader,
  Dataset,
  decodeCheckpoint,
  encodeCheckpoint,
  type LoaderState,
} from '@adjoint/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const data = (count: number) => Dataset.fromTensors({ x: arange(count) })
const epochOf = (loader: Iterable<{ x: { data: () => ArrayLike<number> } }>): number[][] =>
  Array.from(loader, ({ x }) => Array.from(x.data()))

describe('DataLoader', () => {
  test('gives every example once an epoch, in batches', () => {
    fc.assert(
      fc.property(
        fc.nat(40),
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        fc.option(fc.nat()),
        (count, batchSize, dropLast, seed) => {
          const shuffle = seed === null ? {} : { shuffle: new Rng(seed) }
          const loader = new DataLoader(data(count), { batchSize, dropLast, ...shuffle })
          const batches = epochOf(loader)
          expect(batches.length).toBe(loader.length)
          const full = Math.floor(count / batchSize)
          const sizes = [
            ...new Array(full).fill(batchSize),
            ...(dropLast || count % batchSize === 0 ? [] : [count % batchSize]),
          ]
          expect(batches.map(batch => batch.length)).toEqual(sizes)
          const seen = batches.flat()
          expect(new Set(seen).size).toBe(seen.length)
          if (seed === null) expect(seen).toEqual([...seen.keys()])
        },
      ),
    )
  })

  test('each epoch has an order of its own, decided by the generator and its number', () => {
    const loader = new DataLoader(data(50), { batchSize: 50, shuffle: new Rng(3) })
    const epochs = [epochOf(loader), epochOf(loader), epochOf(loader)]
    expect(new Set(epochs.map(String)).size).toBe(3)
    const rng = new Rng(3)
    // Draws of others do not change it.
    rng.next()
    const again = new DataLoader(data(50), { batchSize: 50, shuffle: rng })
    expect([epochOf(again), epochOf(again), epochOf(again)]).toEqual(epochs)
    expect(epochs[1]).toEqual([Array.from(permutation(new Rng(3).foldIn(1), 50))])
  })

  test('goes on in the middle of an epoch, also through a checkpoint', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.nat(60),
        fc.boolean(),
        (count, batchSize, stop, dropLast) => {
          const make = () => new DataLoader(data(count), { batchSize, dropLast, shuffle: new Rng(9) })
          const whole: number[][] = []
          const uninterrupted = make()
          for (let epoch = 0; epoch < 4; epoch++) whole.push(...epochOf(uninterrupted))
          let state: LoaderState | undefined
          const first: number[][] = []
          const loader = make()
          search: for (let epoch = 0; epoch < 4; epoch++) {
            for (const { x } of loader) {
              first.push(Array.from(x.data()))
              if (first.length > stop) {
                state = loader.state
                break search
              }
            }
          }
          const resumed = make()
          resumed.loadState(
            decodeCheckpoint(encodeCheckpoint(state ?? loader.state)) as unknown as LoaderState,
          )
          const rest: number[][] = []
          while (resumed.state.epoch < 4) rest.push(...epochOf(resumed))
          expect([...first, ...rest]).toEqual(whole)
        },
      ),
    )
  })

  test('leaving a loop ends the epoch; loops inside of each other are epochs of their own', () => {
    const loader = new DataLoader(data(6), { batchSize: 2 })
    for (const { x } of loader) {
      expect(x.toArray()).toEqual([0, 1])
      expect(loader.state).toMatchObject({ epoch: 0, position: 1 })
      break
    }
    expect(loader.state).toMatchObject({ epoch: 1, position: 0 })
    let count = 0
    for (const _ of loader) for (const _ of loader) count++
    expect(count).toBe(9)
  })

  test('map and collate', () => {
    const doubled = new DataLoader(data(3), { batchSize: 2, map: ({ x }) => x.mul(2).toArray() })
    expect([...doubled]).toEqual([[0, 2], [4]])
    const words = new DataLoader(Dataset.fromArray(['a', 'bb', 'c']), {
      batchSize: 2,
      collate: items => items.join('+'),
    })
    expect([...words]).toEqual(['a+bb', 'c'])
    const both = { collate: () => 1, map: () => 1 }
    expect(() => new DataLoader(data(3), both)).toThrow('collate or map, not both')
  })

  test('refuses a state of other settings', () => {
    const make = (count: number, batchSize: number, seed?: number) =>
      new DataLoader(data(count), { batchSize, ...(seed === undefined ? {} : { shuffle: new Rng(seed) }) })
    const { state } = make(10, 2, 1)
    expect(() => make(11, 2, 1).loadState(state)).toThrow('another length (10 instead of 11)')
    expect(() => make(10, 5, 1).loadState(state)).toThrow('another batchSize')
    expect(() => make(10, 2, 2).loadState(state)).toThrow('another generator')
    expect(() => make(10, 2).loadState(state)).toThrow('another generator')
    expect(() => make(10, 2, 1).loadState({ ...state, position: 6 })).toThrow('an epoch has 5')
    expect(() => make(10, 2, 1).loadState({} as never)).toThrow('loadState takes')
    expect(() => new DataLoader(data(3), { batchSize: 0 })).toThrow(
      'the batch size must be a whole number from 1 up',
    )
    expect(() => new DataLoader(data(3), { shuffle: true as never })).toThrow('shuffle takes a generator')
    expect(() => new DataLoader(tensor([1]) as never)).toThrow('takes a data set')
  })
})

describe('AsyncDataLoader', () => {
  const slow = (count: number, log: number[] = []) => ({
    length: count,
    get: async (index: number) => {
      log.push(index)
      await new Promise(resolve => setTimeout(resolve, (index * 7) % 5))
      return { x: index }
    },
  })

  const epochOfAsync = async (
    loader: AsyncIterable<{ x: { data: () => ArrayLike<number> } }>,
  ): Promise<number[][]> => {
    const batches: number[][] = []
    for await (const { x } of loader) batches.push(Array.from(x.data()))
    return batches
  }

  test.each([0, 1, 3])('gives the batches of a DataLoader in the same order, %i ahead', async prefetch => {
    const settings = { batchSize: 3, dropLast: true }
    const loader = new AsyncDataLoader(slow(11), { ...settings, shuffle: new Rng(5), prefetch })
    const plain = new DataLoader(data(11), { ...settings, shuffle: new Rng(5) })
    for (let epoch = 0; epoch < 2; epoch++) expect(await epochOfAsync(loader)).toEqual(epochOf(plain))
  })

  test('reads ahead while a batch is worked on, and no further', async () => {
    const log: number[] = []
    const loader = new AsyncDataLoader(slow(20, log), { batchSize: 2, prefetch: 2 })
    for await (const _ of loader) {
      await new Promise(resolve => setTimeout(resolve, 20))
      expect(log.length).toBe(8)
      break
    }
  })

  test('goes on where it stood; batches that were only read ahead come again', async () => {
    const make = () => new AsyncDataLoader(slow(10), { batchSize: 2, shuffle: new Rng(1) })
    const whole = await epochOfAsync(make())
    const loader = make()
    let state: LoaderState | undefined
    for await (const _ of loader) {
      state = loader.state
      break
    }
    const resumed = make()
    resumed.loadState(state!)
    expect(await epochOfAsync(resumed)).toEqual(whole.slice(1))
  })

  test('a failure comes when it is the turn of its batch', async () => {
    const source = {
      length: 6,
      get: async (index: number) => {
        if (index === 4) throw new Error('no file 4')
        return { x: index }
      },
    }
    const seen: number[][] = []
    const run = async () => {
      for await (const { x } of new AsyncDataLoader(source, { batchSize: 2, prefetch: 5 })) {
        await new Promise(resolve => setTimeout(resolve, 5))
        seen.push(Array.from(x.data()))
      }
    }
    await expect(run()).rejects.toThrow('no file 4')
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
    ])
  })

  test('says what is wrong', () => {
    expect(() => new AsyncDataLoader({ length: 3 } as never)).toThrow('takes { length, get(index) }')
    expect(() => new AsyncDataLoader(slow(3), { prefetch: -1 })).toThrow('prefetch must be')
  })
})
