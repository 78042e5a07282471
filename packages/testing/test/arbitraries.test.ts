import { broadcastPairs, denseNets, shapes, tensors } from '@adjoint/testing/arbitraries'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** The simplest value that fails a predicate. */
function smallest<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean): T {
  const { counterexample } = fc.check(fc.property(arbitrary, holds), { numRuns: 1000 })
  return counterexample![0]
}

describe('shapes', () => {
  test('keep to their limits', () => {
    fc.assert(
      fc.property(shapes({ minRank: 1, maxRank: 2, maxSize: 3 }), shape => {
        expect(shape.length).toBeGreaterThanOrEqual(1)
        expect(shape.length).toBeLessThanOrEqual(2)
        for (const size of shape) expect([1, 2, 3]).toContain(size)
      }),
    )
  })

  test('have empty axes when asked', () => {
    const hasNoEmpty = (shape: readonly number[]): boolean => !shape.includes(0)
    expect(smallest(shapes({ zero: true }), hasNoEmpty)).toEqual([0])
    fc.assert(fc.property(shapes(), hasNoEmpty))
  })

  test('shrink', () => expect(smallest(shapes(), shape => shape.length < 2)).toEqual([1, 1]))
})

describe('broadcastPairs', () => {
  test('broadcast to the result', () => {
    fc.assert(
      fc.property(broadcastPairs({ zero: true }), ({ left, right, result }) => {
        const at = (shape: readonly number[], fromEnd: number): number => shape[shape.length - fromEnd] ?? 1
        for (let k = 1; k <= result.length; k++) {
          const [l, r] = [at(left, k), at(right, k)]
          expect(l === r || l === 1 || r === 1).toBe(true)
          expect(l === 1 ? r : l).toBe(at(result, k))
        }
        expect(Math.max(left.length, right.length)).toBe(result.length)
      }),
    )
  })

  test('repeat on either side, also by missing axes', () => {
    const pairs = fc.sample(broadcastPairs(), { numRuns: 300, seed: 1 })
    expect(pairs.some(({ left, right }) => left.length < right.length)).toBe(true)
    expect(pairs.some(({ left, right }) => left.length > right.length)).toBe(true)
    expect(
      pairs.some(
        ({ left, right, result }) => left.join() !== result.join() && right.join() !== result.join(),
      ),
    ).toBe(true)
  })
})

describe('tensors', () => {
  test('have the shape and the dtype that were asked for', () => {
    fc.assert(
      fc.property(tensors({ shape: [2, 3], dtype: 'float32', requiresGrad: true }), x => {
        expect([x.shape, x.dtype, x.requiresGrad]).toEqual([[2, 3], 'float32', true])
      }),
    )
    fc.assert(fc.property(tensors({ shape: shapes({ minRank: 2, maxRank: 2 }) }), x => x.rank === 2))
  })

  test.each([
    ['real', (value: number) => Math.abs(value) <= 2.5],
    ['positive', (value: number) => value >= 0.2],
    ['nonzero', (value: number) => Math.abs(value) >= 0.2],
    ['aboveMinusOne', (value: number) => value >= -0.8],
    ['distinct', (value: number) => Math.abs(value) > 0.1],
  ] as const)('stay in the domain %s', (domain, holds) => {
    fc.assert(fc.property(tensors({ domain }), x => x.data().every(holds)))
  })

  test('distinct elements are clearly apart', () => {
    fc.assert(
      fc.property(tensors({ domain: 'distinct', shape: [3, 4] }), x => {
        const sorted = x.data().sort()
        for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeGreaterThan(0.29)
        const sizes = x.data().map(Math.abs).sort()
        for (let i = 1; i < sizes.length; i++) expect(sizes[i]! - sizes[i - 1]!).toBeGreaterThan(0.05)
      }),
    )
  })

  test('shrink to simple numbers', () => {
    const x = smallest(tensors({ shape: shapes({ minRank: 1 }) }), value => value.size < 2)
    expect(Array.from(x.data())).toEqual([0, 0])
  })
})

describe('denseNets', () => {
  test('sizes fit together', () => {
    fc.assert(
      fc.property(denseNets(), ({ layout, m, sizes, layers, X, Y }) => {
        expect(layers).toHaveLength(sizes.length - 1)
        for (const [l, { inputs, outputs, W, b }] of layers.entries()) {
          expect([inputs, outputs]).toEqual([sizes[l], sizes[l + 1]])
          expect(W.shape).toEqual([outputs, inputs])
          expect(b.shape).toEqual(layout === 'columns' ? [outputs, 1] : [1, outputs])
          expect([W.data.length, b.data.length]).toEqual([outputs * inputs, outputs])
        }
        expect(X.shape).toEqual(layout === 'columns' ? [sizes[0], m] : [m, sizes[0]])
        expect(Y.shape).toEqual(layout === 'columns' ? [sizes.at(-1), m] : [m, sizes.at(-1)])
      }),
    )
  })

  test('output and targets suit the loss', () => {
    const outputs = { categoricalCrossEntropy: 'softmax', binaryCrossEntropy: 'sigmoid' } as Record<
      string,
      string
    >
    fc.assert(
      fc.property(denseNets(), ({ loss, layers, Y, layout, m, sizes }) => {
        expect(layers.at(-1)!.activation).toBe(outputs[loss] ?? 'linear')
        const data = Array.from(Y.data)
        if (loss.startsWith('binary')) expect(data.every(label => label === 0 || label === 1)).toBe(true)
        if (loss !== 'crossEntropy' && loss !== 'categoricalCrossEntropy') return
        const units = sizes.at(-1)!
        for (let example = 0; example < m; example++) {
          const one = Array.from({ length: units }, (_, unit) =>
            layout === 'columns' ? data[unit * m + example]! : data[example * units + unit]!,
          )
          expect(one.toSorted().at(-1)).toBe(1)
          expect(one.reduce((sum, value) => sum + value, 0)).toBe(1)
        }
      }),
    )
  })

  test('keep to what was asked for', () => {
    const options = {
      maxLayers: 2,
      maxSize: 3,
      maxExamples: 2,
      layouts: ['rows'],
      activations: ['tanh'],
      losses: ['huber'],
    } as const
    fc.assert(
      fc.property(denseNets(options), ({ layout, layers, loss, m, sizes }) => {
        expect([layout, loss]).toEqual(['rows', 'huber'])
        expect(layers.length).toBeLessThanOrEqual(2)
        expect(layers.slice(0, -1).every(layer => layer.activation === 'tanh')).toBe(true)
        expect(Math.max(...sizes)).toBeLessThanOrEqual(3)
        expect(m).toBeLessThanOrEqual(2)
      }),
    )
  })

  test('shrink to one unit, one example and zeros', () => {
    const net = smallest(denseNets(), ({ layers }) => layers.length < 2)
    expect(net.sizes).toEqual([1, 1, 1])
    expect(net.m).toBe(1)
    expect(net.layers.every(({ W }) => W.data[0] === 0)).toBe(true)
  })

  test('are plain data', () => {
    const [net] = fc.sample(denseNets(), { numRuns: 1, seed: 1 })
    expect(structuredClone(net)).toEqual(net)
  })
})
