// Adapters whose ops do not occur in the fixture, by known values; and groups of parameters that climb.
import { type DType, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../src/parity/adapters/index.ts'
import { NotCovered } from '../src/parity/errors.ts'
import type { ParityCase } from '../src/parity/format.ts'
import { decide } from '../src/parity/parity.ts'

const of = (values: unknown, dtype: DType = 'float64'): Tensor =>
  tensor(values as number[], { dtype }) as Tensor

const ADAPTERS: readonly [op: string, inputs: Tensor[], attrs: object, outputs: unknown[]][] = [
  ['nanmedian', [of([3, Number.NaN, 1])], {}, [1]],
  ['nanmedian', [of([[3, Number.NaN, 1]])], { dim: 1, keepdim: true }, [[[1]], null]],
  ['unique', [of([3, 1, 3])], { sorted: true }, [[1, 3]]],
  [
    'unique',
    [
      of([
        [3, 1],
        [3, 3],
      ]),
    ],
    { return_inverse: true, return_counts: true },
    [
      [1, 3],
      [
        [1, 0],
        [1, 1],
      ],
      [1, 3],
    ],
  ],
  ['histc', [of([1, 2, 2, 5])], { bins: 2, min: 1, max: 5 }, [[3, 1]]],
  ['histc', [of([1, 2, 2, 5])], { bins: 2 }, [[3, 1]]],
  [
    'scatter_reduce',
    [of([1, 2]), of([0, 0], 'int32'), of([4, 6])],
    { dim: 0, reduce: 'mean', include_self: false },
    [[5, 2]],
  ],
  [
    'pinv',
    [
      of([
        [4, 0],
        [0, 0.5],
      ]),
    ],
    { rcond: 0.2 },
    [
      [
        [0.25, 0],
        [0, 0],
      ],
    ],
  ],
  [
    'pinv',
    [
      of([
        [4, 0],
        [0, 0.5],
      ]),
    ],
    { rtol: 0.1 },
    [
      [
        [0.25, 0],
        [0, 2],
      ],
    ],
  ],
  [
    'cond',
    [
      of([
        [2, 0],
        [0, 0.5],
      ]),
    ],
    {},
    [4],
  ],
  [
    'cond',
    [
      of([
        [2, 0],
        [0, 0.5],
      ]),
    ],
    { p: 'fro' },
    [4.25],
  ],
  [
    'lu',
    [
      of([
        [1, 2],
        [2, 2],
      ]),
    ],
    {},
    [
      [
        [0, 1],
        [1, 0],
      ],
      [
        [1, 0],
        [0.5, 1],
      ],
      [
        [2, 2],
        [0, 1],
      ],
    ],
  ],
  [
    'rfft',
    [of([1, 2, 3, 4])],
    { dim: -1 },
    [
      [
        [10, 0],
        [-2, 2],
        [-2, 0],
      ],
    ],
  ],
  [
    'irfft',
    [
      of([
        [10, 0],
        [-2, 2],
        [-2, 0],
      ]),
    ],
    { n: 4 },
    [[1, 2, 3, 4]],
  ],
  [
    'fft',
    [
      of([
        [1, 0],
        [0, 0],
      ]),
    ],
    { norm: 'forward' },
    [
      [
        [0.5, 0],
        [0.5, 0],
      ],
    ],
  ],
  [
    'ifft',
    [
      of([
        [1, 0],
        [0, 0],
      ]),
    ],
    {},
    [
      [
        [0.5, 0],
        [0.5, 0],
      ],
    ],
  ],
  ['fftfreq', [], { n: 4 }, [[0, 0.25, -0.5, -0.25]]],
  ['i1', [of([0])], {}, [[0]]],
  ['mT', [of([[1, 2]])], {}, [[[1], [2]]]],
  ['addmv', [of([1]), of([[1, 2]]), of([3, 4])], { beta: 0, alpha: 2 }, [[22]]],
]

test.each(ADAPTERS)('%s of %s, %j', (op, inputs, attrs, outputs) => {
  const found = evaluate(op, inputs, attrs as Record<string, unknown>)
  const rounded = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(rounded)
      : typeof value === 'number'
        ? Math.round(value * 1e12) / 1e12 + 0
        : value
  expect(found.map(output => output && rounded(output.toArray()))).toEqual(outputs)
})

test('what a Fourier transform and a tolerance would have to guess is not covered', () => {
  expect(() => evaluate('fft', [of([1, 2, 3])], {})).toThrow(NotCovered)
  expect(() => evaluate('pinv', [of([[1]])], { atol: 0.1 })).toThrow(NotCovered)
})

test('one of two groups of parameters climbs', () => {
  const one = (value: number) => ({ shape: [1], dtype: 'float64', data: [value] })
  const record = {
    problem: 'given_grads',
    problemData: { params: [one(1), one(1)], grads: [[one(2), one(2)]] },
    paramGroups: [{}, { maximize: true }],
    params: [[one(0.8), one(1.2)]],
  }
  const found = {
    ...{ id: 'climb', group: 'optim', op: 'SGD', kind: 'trajectory', attrs: { lr: 0.1 }, tags: [] },
    ...{ note: undefined, tol: { rtol: 1e-12, atol: 1e-12 }, record },
  }
  expect(decide(found as ParityCase)).toMatchObject({ verdict: 'passed' })
})

describe('the clamped slopes of binary_cross_entropy are explained by both formulas', () => {
  const list = (...data: number[]) => ({ shape: [data.length], dtype: 'float64', data })
  const number = (value: number) => ({ shape: [], dtype: 'float64', data: [value] })
  /** At a = 0, 1, 0, 1, ¼ with cotangent 2: the losses are 0, 0, 100, 100 and -½ log ¼ - ½ log ¾. */
  const verdictOf = (reduction: string, losses: number[], grads: number[], weight?: number[]): string => {
    const loss = losses.reduce((sum, term) => sum + term, 0) / (reduction === 'mean' ? losses.length : 1)
    const found = {
      ...{ id: 'clamped', group: 'nn_loss', op: 'binary_cross_entropy', kind: 'vjp', tags: ['special'] },
      attrs: { reduction, ...(weight && { tensors: ['weight'] }) },
      ...{ note: undefined, tol: { rtol: 1e-9, atol: 1e-11 } },
      record: {
        inputs: [list(0, 1, 0, 1, 0.25), list(0, 1, 1, 0, 0.5), ...(weight ? [list(...weight)] : [])],
        requiresGrad: [true, false, ...(weight ? [false] : [])],
        outputs: [number(loss)],
        cotangents: [number(2)],
        grads: [list(...grads), null, ...(weight ? [null] : [])],
        second: null,
      },
    }
    return decide(found as unknown as ParityCase).verdict
  }
  const last = -(Math.log(0.25) + Math.log(0.75)) / 2
  const losses = [0, 0, 100, 100, last]
  const weight = [1, 2, 0.5, 1, 1]
  const weighted = losses.map((term, i) => term * weight[i]!)
  // What PyTorch 1.13 gives.
  const sums = [0, 0, -2000000007991.6057, 2000000007991.6057, -2.6666666666666665]
  const weightedSums = sums.map((term, i) => term * weight[i]!)
  const means = sums.map(term => term / 5)

  test.each([
    ['sum', losses, sums, undefined],
    ['mean', losses, means, undefined],
    ['sum', weighted, weightedSums, weight],
  ] as const)('%s', (reduction, terms, grads, weights) => {
    expect(verdictOf(reduction, [...terms], [...grads], weights && [...weights])).toBe('convention')
  })

  test('another slope of the reference is a failure', () => {
    expect(verdictOf('sum', losses, sums.with(2, 2e12))).toBe('failed')
    expect(verdictOf('sum', losses, sums.with(2, -1e12))).toBe('failed')
    expect(verdictOf('sum', losses, sums.with(0, 1e9))).toBe('failed')
    expect(verdictOf('mean', losses, means.with(3, 2e12))).toBe('failed')
    expect(verdictOf('sum', weighted, weightedSums.with(2, sums[2]!), weight)).toBe('failed')
  })
})
