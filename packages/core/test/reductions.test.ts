import * as adjoint from '@adjoint/core'
import {
  all,
  any,
  center,
  countNonzero,
  grad,
  gradients,
  logSoftmax,
  logSumExp,
  mean,
  nanMean,
  nanSum,
  ones,
  prod,
  softmax,
  sum,
  type Tensor,
  tensor,
  variance,
  varianceAndMean,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, errorOf, positionsOf, randomTensor } from './support.ts'

const nan = Number.NaN
const infinity = Number.POSITIVE_INFINITY

/** The elements of every group along some axes, in row-major order, by result position. */
function groupsOf(x: Tensor, axes: readonly number[]): number[][] {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const along = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1))
  return [...positionsOf(kept)].map(base =>
    [...positionsOf(along)].map(offset =>
      at(
        x,
        base.map((start, axis) => start + offset[axis]!),
      ),
    ),
  )
}

const total = (list: readonly number[]): number => list.reduce((all, value) => all + value, 0)
const average = (list: readonly number[]): number => total(list) / list.length

describe('agree with plain JavaScript over random shapes and axes', () => {
  const references: readonly (readonly [
    string,
    adjoint.ReductionOp,
    (group: readonly number[]) => number,
  ])[] = [
    ['sum', adjoint.sum, total],
    ['mean', adjoint.mean, average],
    ['prod', adjoint.prod, list => list.reduce((all, value) => all * value, 1)],
    ['max', adjoint.max, list => Math.max(...list)],
    ['min', adjoint.min, list => Math.min(...list)],
    ['variance', adjoint.variance, list => average(list.map(value => (value - average(list)) ** 2))],
    ['logSumExp', adjoint.logSumExp, list => Math.log(total(list.map(Math.exp)))],
    ['argmax', adjoint.argmax, list => list.indexOf(Math.max(...list))],
    ['argmin', adjoint.argmin, list => list.indexOf(Math.min(...list))],
    [
      'standardDeviation',
      adjoint.standardDeviation,
      list => Math.sqrt(average(list.map(value => (value - average(list)) ** 2))),
    ],
    ['median', adjoint.median, list => [...list].sort((a, b) => a - b)[(list.length - 1) >> 1]!],
    ['nanSum', adjoint.nanSum, total],
    ['nanMean', adjoint.nanMean, average],
    ['countNonzero', adjoint.countNonzero, list => list.length],
    [
      'any',
      (x, axis, options) => adjoint.any(x.greater(1), axis, options),
      list => Number(list.some(value => value > 1)),
    ],
    [
      'all',
      (x, axis, options) => adjoint.all(x.greater(-1), axis, options),
      list => Number(list.every(value => value > -1)),
    ],
  ]
  test.each(references)('%s', (_, reduce, reference) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: 0, max: 15 }),
        fc.boolean(),
        (shape, seed, choice, keepDims) => {
          const axes = shape.map((_, axis) => axis).filter(axis => (choice >> axis) & 1)
          const plain = randomTensor(shape, seed)
          // Every other time a view, so that strides are walked too.
          const x = seed % 2 === 0 ? plain : plain.permute(shape.map((_, axis) => shape.length - 1 - axis))
          const result = reduce(x, axes, { keepDims })
          const left = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]))
          expect(result.shape).toEqual(left)
          groupsOf(x, axes).forEach((group, i) => {
            expect(Math.abs(result.data()[i]! - reference(group))).toBeLessThanOrEqual(1e-12)
          })
        },
      ),
    )
  })
})

describe('sum', () => {
  test('the float32 mean of ten million ones is exactly 1', () => {
    const x = ones([10_000_000])
    expect(mean(x).item()).toBe(1)
    expect(sum(x).item()).toBe(10_000_000)
  })

  test('pairwise: the error of a long float64 sum stays small', () => {
    const x = tensor(new Float64Array(1_000_000).fill(0.1))
    // Blocks of 128 in order, then 13 halvings: at most 141 roundings of 2^-53 each. Added in order the error is 1.3e-6.
    expect(Math.abs(sum(x).item() - 100_000)).toBeLessThan(141 * 2 ** -53 * 100_000)
  })

  test('of nothing is 0, of booleans a count', () => {
    expect(sum(tensor([])).item()).toBe(0)
    expect(sum(ones([0, 3]), 0).toArray()).toEqual([0, 0, 0])
    expect(sum(ones([0, 3]), 1).toArray()).toEqual([])
    expect(sum(tensor([true, true, false])).toArray()).toBe(2)
    expect(sum(tensor([3, 4]), []).toArray()).toEqual([3, 4])
    expect(sum(tensor(3)).item()).toBe(3)
  })
})

describe('mean and variance', () => {
  test('of nothing are not a number', () => {
    expect(mean(tensor([])).item()).toBeNaN()
    expect(variance(tensor([])).item()).toBeNaN()
  })

  test('correction', () => {
    const x = tensor([1, 2, 3, 6], { dtype: 'float64' })
    expect(variance(x).item()).toBe(3.5)
    expect(variance(x, 0, { correction: 1 }).item()).toBe(14 / 3)
    expect(variance(tensor([5]), 0, { correction: 1 }).item()).toBeNaN()
    expect(variance(tensor([1, 2]), 0, { correction: 2 }).item()).toBe(Number.POSITIVE_INFINITY)
  })

  test('does not lose the spread of large numbers', () => {
    const x = tensor([1e9 + 1, 1e9 + 2, 1e9 + 3], { dtype: 'float64' })
    expect(variance(x).item()).toBe(2 / 3)
  })

  test('gradient of the variance is 2 (x - mean) / count', () => {
    const x = tensor([1, 2, 6], { dtype: 'float64', requiresGrad: true })
    variance(x).backward()
    expect(x.grad?.toArray()).toEqual([-4 / 3, -2 / 3, 2].map(value => expect.closeTo(value, 14)))
  })
})

describe('variance, once more', () => {
  test('the correction may be negative, the divisor may not', () => {
    const x = tensor([1, 2, 3, 6], { dtype: 'float64' })
    expect(variance(x, 0, { correction: -1 }).item()).toBe(14 / 5)
    expect(variance(x, 0, { correction: 9 }).item()).toBe(infinity)
    expect(variance(tensor([2, 2]), 0, { correction: 9 }).item()).toBeNaN()
    expect(errorOf(() => variance(x, 0, { correction: nan }))).toMatch(
      /^ArgumentError: variance: correction must be/,
    )
  })

  test('of equal elements is exactly 0', () => {
    expect(variance(tensor([0.1, 0.1, 0.1], { dtype: 'float64' })).item()).toBe(0)
    expect(variance(tensor([0.1, 0.1, 0.1])).item()).toBe(0)
  })

  test('float32 keeps the spread of large numbers', () => {
    // Neighbours in float32; their mean is none, and rounding it would double the variance.
    expect(variance(tensor([2 ** 24, 2 ** 24 + 2])).item()).toBe(1)
    expect(variance(tensor([2 ** 24, 2 ** 24, 2 ** 24 + 2])).item()).toBeCloseTo(8 / 9, 6)
  })

  test('comes together with the mean', () => {
    const x = randomTensor([3, 4], 1)
    const both = varianceAndMean(x, 1, { correction: 1, keepDims: true })
    expect(both.variance.toArray()).toEqual(variance(x, 1, { correction: 1, keepDims: true }).toArray())
    expect(both.mean.toArray()).toEqual(mean(x, 1, { keepDims: true }).toArray())
  })
})

describe('center', () => {
  test('leaves the deviations from the mean, and is its own transpose', () => {
    const x = randomTensor([3, 4, 2], 2)
    for (const axis of [undefined, 0, -1, [0, 2]] as const) {
      for (const value of mean(center(x, axis), axis).data()) expect(value).toBeCloseTo(0, 14)
    }
    const weights = randomTensor([5], 3)
    const gradient = grad((y: Tensor) => sum(center(y).mul(weights)))(randomTensor([5], 4))
    expect(gradient.toArray()).toEqual(center(weights).toArray())
    expect(center(tensor(3), 0).item()).toBe(0)
    expect(center(zeros([0, 2]), 0).shape).toEqual([0, 2])
    expect(center(tensor([1, 2], { dtype: 'int32' })).toArray()).toEqual([-0.5, 0.5])
  })
})

describe('a 0-d tensor is a group of one element', () => {
  const x = tensor(3, { dtype: 'float64', requiresGrad: true })
  const reductions: readonly (readonly [string, adjoint.ReductionOp, number, number | undefined])[] = [
    ['sum', adjoint.sum, 3, 1],
    ['mean', adjoint.mean, 3, 1],
    ['prod', adjoint.prod, 3, 1],
    ['max', adjoint.max, 3, 1],
    ['min', adjoint.min, 3, 1],
    ['logSumExp', adjoint.logSumExp, 3, 1],
    ['median', adjoint.median, 3, 1],
    ['nanSum', adjoint.nanSum, 3, 1],
    ['nanMean', adjoint.nanMean, 3, 1],
    ['variance', adjoint.variance, 0, 0],
    ['standardDeviation', adjoint.standardDeviation, 0, 0],
    ['argmax', adjoint.argmax, 0, undefined],
    ['countNonzero', adjoint.countNonzero, 1, undefined],
    ['any', adjoint.any, 1, undefined],
    ['all', adjoint.all, 1, undefined],
  ]
  test.each(reductions)('%s', (_, reduce, value, derivative) => {
    for (const axis of [0, -1, [0], [-1], [], undefined] as const) {
      for (const keepDims of [false, true]) {
        const result = reduce(x, axis, { keepDims }) as Tensor
        expect([result.shape, result.item()]).toEqual([[], value])
        if (derivative !== undefined) expect(gradients(result, [x])[0]!.item()).toBe(derivative)
      }
    }
    expect(errorOf(() => reduce(x, 1))).toMatch(
      /^AxisError: \w+: axis 1 is outside of a tensor of rank 0; of a 0-d/,
    )
    expect(errorOf(() => reduce(x, [0, -1]))).toMatch(/^AxisError: \w+: axis 0 is named twice/)
  })

  test('softmax and logSoftmax', () => {
    for (const axis of [0, -1]) {
      expect([softmax(x, axis).item(), logSoftmax(x, axis).item()]).toEqual([1, 0])
      expect(gradients(softmax(x, axis), [x])[0]!.item()).toBe(0)
      expect(gradients(logSoftmax(x, axis), [x])[0]!.item()).toBe(0)
    }
  })

  test('movements still refuse', () => {
    expect(errorOf(() => x.permute([0]))).toMatch(/Error: permute: /)
    expect(errorOf(() => adjoint.concat([x], 0))).toMatch(/^AxisError: concat: .*a 0-d tensor has no axes/)
    expect(errorOf(() => x.slice(0))).toMatch(/^ArgumentError: slice: /)
  })
})

describe('any, all, countNonzero', () => {
  const x = tensor([
    [0, 2, nan],
    [0, 0, 0],
  ])

  test('NaN is not 0', () => {
    expect([any(x, 1).toArray(), all(x, 0).toArray(), countNonzero(x, 1).toArray()]).toEqual([
      [true, false],
      [false, false, false],
      [2, 0],
    ])
    expect([all(tensor([nan, 1])).item(), any(tensor([nan])).item()]).toEqual([1, 1])
    expect([any(x).dtype, all(x).dtype, countNonzero(x).dtype]).toEqual(['bool', 'bool', 'int32'])
  })

  test('of nothing: none, no exception, 0', () => {
    const nothing = zeros([2, 0])
    expect([
      any(nothing, 1).toArray(),
      all(nothing, 1).toArray(),
      countNonzero(nothing, 1).toArray(),
    ]).toEqual([
      [false, false],
      [true, true],
      [0, 0],
    ])
  })

  test('are not recorded', () => {
    const y = tensor([1, 2], { requiresGrad: true })
    expect([any(y), all(y), countNonzero(y)].map(result => result.requiresGrad)).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('nanSum and nanMean', () => {
  test('leave NaN out, forward and backward', () => {
    const x = tensor(
      [
        [1, nan, 3],
        [nan, nan, nan],
      ],
      { dtype: 'float64', requiresGrad: true },
    )
    expect([nanSum(x, 1).toArray(), nanMean(x, 1).toArray()]).toEqual([
      [4, 0],
      [2, nan],
    ])
    expect(gradients(sum(nanSum(x, 1)), [x])[0]!.toArray()).toEqual([
      [1, 0, 1],
      [0, 0, 0],
    ])
    expect(gradients(sum(nanMean(x, 1)), [x])[0]!.toArray()).toEqual([
      [0.5, 0, 0.5],
      [0, 0, 0],
    ])
    expect(nanSum(tensor([1, 2], { dtype: 'int32' })).dtype).toBe('int32')
    expect([nanSum(zeros([0])).item(), nanMean(zeros([0])).item()]).toEqual([0, nan])
  })
})

describe('max and min', () => {
  test('NaN wins, ties share the cotangent', () => {
    expect(tensor([1, nan, 3]).max().item()).toBeNaN()
    expect(tensor([nan, 1]).min().item()).toBeNaN()
    const x = tensor(
      [
        [2, 5, 5],
        [1, 1, 1],
      ],
      { requiresGrad: true, dtype: 'float64' },
    )
    x.max(1).sum().backward()
    expect(x.grad?.toArray()).toEqual([
      [0, 0.5, 0.5],
      [1 / 3, 1 / 3, 1 / 3],
    ])
  })

  test('argmax and argmin give the first of equals as int32', () => {
    const x = tensor([
      [3, 7, 7],
      [9, 0, 0],
    ])
    expect([x.argmax(1).toArray(), x.argmin(1).toArray(), x.argmax().toArray()]).toEqual([[1, 0], [0, 1], 3])
    expect(x.argmax(1).dtype).toBe('int32')
    expect(tensor([1, nan, 5]).argmax().item()).toBe(1)
  })
})

describe('prod', () => {
  test.each([[[0, 2, 3]], [[0, 0, 3]], [[2, -3, 4, 5, 0.5]], [[7]]])(
    'first and second derivatives of %j',
    values => {
      const x = tensor(values, { dtype: 'float64', requiresGrad: true })
      const without = (...left: number[]) =>
        values.reduce((all, value, i) => (left.includes(i) ? all : all * value), 1)
      const [first] = gradients(prod(x), [x], { createGraph: true })
      expect([...first!.data()]).toEqual(values.map((_, i) => expect.closeTo(without(i), 12)))
      if (!first!.requiresGrad) {
        expect(values.length).toBe(1)
        return
      }
      values.forEach((_, i) => {
        const [second] = gradients(first!.slice(i), [x])
        expect([...second!.data()]).toEqual(
          values.map((_, j) => (i === j ? 0 : expect.closeTo(without(i, j), 12))),
        )
      })
    },
  )

  test('of nothing is 1; of booleans an integer, however many', () => {
    expect(prod(tensor([])).item()).toBe(1)
    expect(prod(ones([0, 2]), 0).toArray()).toEqual([1, 1])
    for (const count of [0, 1, 2, 3]) expect(prod(ones([count], { dtype: 'bool' })).dtype).toBe('int32')
  })
})

describe('softmax, logSoftmax, logSumExp', () => {
  const x = tensor(
    [
      [1000, 1000],
      [-1000, 0],
      [0, 2],
    ],
    { dtype: 'float64' },
  )

  test('do not overflow', () => {
    expect(softmax(x).slice([0, 2]).toArray()).toEqual([
      [0.5, 0.5],
      [0, 1],
    ])
    expect(logSoftmax(x).slice([0, 2]).toArray()).toEqual([
      [-Math.LN2, -Math.LN2],
      [-1000, 0],
    ])
    expect(logSumExp(x, 1).slice([0, 2]).toArray()).toEqual([1000 + Math.LN2, 0])
    expect(softmax(tensor([-infinity, 0])).toArray()).toEqual([0, 1])
    expect(logSumExp(tensor([-infinity, -infinity])).item()).toBe(-infinity)
    expect(logSumExp(tensor([])).item()).toBe(-infinity)
    expect(logSumExp(tensor([1, infinity])).item()).toBe(infinity)
    expect(logSumExp(tensor([1, nan])).item()).toBeNaN()
  })

  test('rows of a softmax add up to 1 along any axis', () => {
    const y = randomTensor([3, 4, 5], 8).mul(10)
    for (const axis of [0, 1, 2, -1]) {
      for (const value of softmax(y, axis).sum(axis).data()) expect(value).toBeCloseTo(1, 14)
    }
    logSoftmax(y, 1)
      .exp()
      .data()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(softmax(y, 1).data()[i]!, 14)
      })
  })

  test('gradients at the extremes are finite', () => {
    const at = tensor([-infinity, 0, 1000], { dtype: 'float64', requiresGrad: true })
    for (const f of [
      (y: Tensor) => softmax(y).slice(2),
      (y: Tensor) => logSoftmax(y).slice(2),
      (y: Tensor) => logSumExp(y),
    ]) {
      const [gradient] = gradients(f(at), [at])
      expect([...gradient!.data()].every(Number.isFinite)).toBe(true)
    }
    const none = tensor([-infinity, -infinity], { requiresGrad: true })
    logSumExp(none).backward()
    expect(none.grad?.toArray()).toEqual([0, 0])
  })
})
