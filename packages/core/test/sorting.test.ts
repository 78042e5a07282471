import {
  argsort,
  bincount,
  gather,
  grad,
  gradients,
  histogram,
  kthValue,
  maxWithIndices,
  median,
  medianWithIndices,
  minWithIndices,
  mode,
  modeWithIndices,
  nanMedian,
  normal,
  ones,
  quantile,
  Rng,
  searchSorted,
  sort,
  sortWithIndices,
  square,
  sum,
  type Tensor,
  tensor,
  topk,
  unique,
  uniqueWithCounts,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const nan = Number.NaN
const infinity = Number.POSITIVE_INFINITY
const wide = (values: readonly number[]): Tensor => tensor(values, { dtype: 'float64' })
const whole = (values: readonly number[]): Tensor => tensor(values, { dtype: 'int32' })

/** -1, 0 or 1; NaN is the greatest. */
function compare(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1
  if (Number.isNaN(right)) return -1
  return left < right ? -1 : left > right ? 1 : 0
}

/** Positions in sorted order; equals by position in both directions. */
function sortedPositions(values: ArrayLike<number>, descending: boolean): number[] {
  const sign = descending ? -1 : 1
  return Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => sign * compare(values[a]!, values[b]!) || a - b,
  )
}

/** Numbers with many ties, zeros of both signs, infinities and NaN among them. */
const awkward = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, nan, infinity, -infinity, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE),
  fc.double(),
)

describe('argsort', () => {
  test('is a stable sort of any numbers, in both directions', () => {
    fc.assert(
      fc.property(fc.array(awkward, { maxLength: 60 }), fc.boolean(), (values, descending) => {
        const x = wide(values).reshape([values.length])
        expect(argsort(x, 0, { descending }).toArray()).toEqual(sortedPositions(values, descending))
      }),
    )
  })

  test.each([1023, 1024, 5000])('of long lines too: %d elements', length => {
    const rng = new Rng(length)
    const lines: readonly Tensor[] = [
      normal(rng, [length], { dtype: 'float64' }),
      normal(rng, [length]),
      normal(rng, [length]).mul(3).cast('int32'),
      normal(rng, [length], { dtype: 'float64' }).mul(1e-310),
      normal(rng, [length], { dtype: 'float64' }).mul(1e305).mul(1e5),
      normal(rng, [length]).sqrt(),
      normal(rng, [length]).greater(0),
      zeros([length]).mul(-1),
    ]
    for (const x of lines) {
      for (const descending of [false, true]) {
        expect([...argsort(x, 0, { descending }).data()]).toEqual(sortedPositions(x.data(), descending))
      }
    }
  })

  test('of the extremes of int32', () => {
    const values = Array.from({ length: 1500 }, (_, i) =>
      i % 3 === 0 ? -(2 ** 31) : i % 3 === 1 ? 2 ** 31 - 1 : 0,
    )
    for (const descending of [false, true]) {
      expect([...argsort(whole(values), 0, { descending }).data()]).toEqual(
        sortedPositions(values, descending),
      )
    }
  })

  test('along any axis, of views, of nothing, of a 0-d tensor', () => {
    const x = randomTensor([3, 4, 5], 1)
    const along = argsort(x, 1)
    expect([along.shape, along.dtype, along.requiresGrad]).toEqual([[3, 4, 5], 'int32', false])
    expect(along.slice(2, null, 3).toArray()).toEqual(sortedPositions(x.slice(2, null, 3).data(), false))
    const view = x.permute([2, 0, 1])
    expect(argsort(view).slice(4, 1).toArray()).toEqual(sortedPositions(view.slice(4, 1).data(), false))
    expect(argsort(zeros([2, 0])).shape).toEqual([2, 0])
    expect(argsort(zeros([0, 2])).shape).toEqual([0, 2])
    expect(argsort(tensor(nan), 0).toArray()).toBe(0)
  })
})

describe('sort', () => {
  test('is what argsort picks, and sends cotangents back', () => {
    const x = randomTensor([4, 6], 2)
    for (const axis of [0, 1, -1]) {
      const { values, indices } = sortWithIndices(x, axis, { descending: true })
      expect(values.toArray()).toEqual(gather(x, axis, indices).toArray())
      expect(values.toArray()).toEqual(sort(x, axis, { descending: true }).toArray())
    }
    const weights = wide([1, 10, 100])
    expect(grad((y: Tensor) => sum(sort(y).mul(weights)))(wide([3, 1, 2])).toArray()).toEqual([100, 1, 10])
    expect(grad((y: Tensor) => sum(square(sort(y))))(wide([3, 1, 2])).toArray()).toEqual([6, 2, 4])
  })

  test('NaN counts as the greatest', () => {
    expect(sort(tensor([nan, 1, -infinity, infinity])).toArray()).toEqual([-infinity, 1, infinity, nan])
    expect(sort(tensor([1, nan, 2]), 0, { descending: true }).toArray()).toEqual([nan, 2, 1])
  })

  test('a million elements', () => {
    const x = normal(new Rng(1), [1_000_000])
    const sorted = sort(x).data()
    expect([...sorted.subarray(0, 3)]).toEqual([...Float32Array.from(x.data()).sort().subarray(0, 3)])
    expect(sorted.every((value, i) => i === 0 || sorted[i - 1]! <= value)).toBe(true)
  })

  test('of a 0-d tensor is itself, and refuses other axes', () => {
    const x = tensor(2, { requiresGrad: true })
    expect(gradients(sort(x), [x])[0]!.item()).toBe(1)
    expect(sortWithIndices(x, -1).indices.toArray()).toBe(0)
    expect(errorOf(() => sort(ones([2, 3]), 2))).toMatch(/^AxisError: sort: axis 2 is outside/)
  })
})

describe('topk and kthValue', () => {
  const x = tensor([
    [4, 9, 1, 9],
    [2, 2, 7, 5],
  ])

  test('the largest, the smallest, the first of equals', () => {
    const { values, indices } = topk(x, 2)
    expect(values.toArray()).toEqual([
      [9, 9],
      [7, 5],
    ])
    expect(indices.toArray()).toEqual([
      [1, 3],
      [2, 3],
    ])
    expect(topk(x, 1, 0, { largest: false }).values.toArray()).toEqual([[2, 2, 1, 5]])
    expect(topk(x, 0).values.shape).toEqual([2, 0])
    expect(topk(tensor(5), 1, 0).values.toArray()).toBe(5)
    expect(topk(tensor([1, nan, 3]), 2).values.toArray()).toEqual([nan, 3])
  })

  test('kthValue counts from 1', () => {
    expect(kthValue(x, 2).values.toArray()).toEqual([4, 2])
    expect(kthValue(x, 2).indices.toArray()).toEqual([0, 1])
    expect(kthValue(x, 1, 0, { keepDims: true }).values.toArray()).toEqual([[2, 2, 1, 5]])
    expect(kthValue(tensor(5), 1, 0).values.item()).toBe(5)
    expect(
      grad((y: Tensor) => sum(square(kthValue(y, 2, 1).values)))(wide([3, 1, 2]).reshape([1, 3])).toArray(),
    ).toEqual([[0, 0, 4]])
  })

  test('refuse more than there are', () => {
    expect(errorOf(() => topk(x, 5))).toBe(
      'ArgumentError: topk: k is a whole number from 0 to the 4 elements along axis -1 of [2, 4], got 5.',
    )
    expect(errorOf(() => kthValue(x, 0))).toBe(
      'ArgumentError: kthValue: k is a whole number from 1 to the 4 elements along axis -1 of [2, 4], got 0.',
    )
    expect(errorOf(() => topk(x, 1.5))).toMatch(/got 1.5\.$/)
  })
})

describe('median', () => {
  test('is the lower middle of any numbers, over any axes', () => {
    fc.assert(
      fc.property(fc.array(awkward, { minLength: 1, maxLength: 80 }), values => {
        const order = sortedPositions(values, false)
        const numbers = values.filter(value => !Number.isNaN(value))
        const want = values[order[(values.length - 1) >> 1]!]!
        const hasNaN = numbers.length < values.length
        expect(median(wide(values)).item() + 0).toEqual(hasNaN ? nan : want + 0)
        const sorted = [...numbers].sort(compare)
        expect(nanMedian(wide(values)).item() + 0).toEqual((sorted[(numbers.length - 1) >> 1] ?? nan) + 0)
      }),
    )
    const x = randomTensor([3, 4, 5], 3)
    expect(median(x, [0, 2], { keepDims: true }).shape).toEqual([1, 4, 1])
    expect(median(x, 1).slice(2, 4).item()).toBe([...x.slice(2, null, 4).data()].sort(compare)[1])
    expect(median(whole([5, 1, 3])).dtype).toBe('int32')
    expect(median(tensor(4), 0).item()).toBe(4)
  })

  test('of many elements, whatever their order', () => {
    const length = 100_001
    for (const at of [(i: number) => i, (i: number) => -i, (i: number) => Math.min(i, length - i), () => 7]) {
      const values = Float64Array.from({ length }, (_, i) => at(i))
      expect(median(tensor(values)).item()).toBe(Float64Array.from(values).sort()[(length - 1) >> 1])
    }
  })

  test('shares among equals; medianWithIndices names one, and the first NaN', () => {
    expect(grad((x: Tensor) => median(x))(wide([2, 1, 2, 3])).toArray()).toEqual([0.5, 0, 0.5, 0])
    const { values, indices } = medianWithIndices(
      tensor([
        [3, 1, 2],
        [nan, 1, nan],
      ]),
      1,
    )
    expect([values.toArray(), indices.toArray()]).toEqual([
      [2, nan],
      [2, 0],
    ])
    expect(
      medianWithIndices(
        tensor([
          [4, 1],
          [3, 2],
        ]),
      ).indices.item(),
    ).toBe(3)
    expect(errorOf(() => median(zeros([2, 0]), 1))).toMatch(/^ArgumentError: median: there is no element/)
    expect(errorOf(() => medianWithIndices(zeros([2, 0]), 1))).toMatch(/there is no element to choose from/)
  })

  test('nanMedian gives NaNs no gradient, and all of them 0', () => {
    expect(grad((x: Tensor) => nanMedian(x))(wide([nan, 3, 1, 2])).toArray()).toEqual([0, 0, 0, 1])
    expect(grad((x: Tensor) => nanMedian(x))(wide([nan, nan])).toArray()).toEqual([0, 0])
  })
})

describe('maxWithIndices and minWithIndices', () => {
  const x = tensor([
    [1, 5, 5],
    [4, nan, 3],
  ])

  test('name the first of equals, or the first NaN', () => {
    const { values, indices } = maxWithIndices(x, 1)
    expect([values.toArray(), indices.toArray()]).toEqual([
      [5, nan],
      [1, 1],
    ])
    expect(minWithIndices(x, 0, { keepDims: true }).indices.toArray()).toEqual([[0, 1, 1]])
    expect(
      maxWithIndices(
        tensor([
          [1, 2],
          [9, 3],
        ]),
      ).indices.item(),
    ).toBe(2)
    expect(maxWithIndices(tensor(3), 0).values.item()).toBe(3)
    expect(maxWithIndices(randomTensor([2, 3, 4], 1), [0, 2]).values.shape).toEqual([3])
  })

  test('send the cotangent to it alone', () => {
    expect(grad((y: Tensor) => maxWithIndices(y).values)(wide([2, 2, 1])).toArray()).toEqual([1, 0, 0])
    expect(errorOf(() => maxWithIndices(zeros([0])))).toMatch(/there is no element to choose from/)
  })
})

describe('mode', () => {
  test('is the most frequent, the smallest of those, where it is last', () => {
    const { values, indices } = modeWithIndices(
      tensor([
        [3, 1, 3, 1],
        [5, 6, 7, 5],
      ]),
      1,
    )
    expect([values.toArray(), indices.toArray()]).toEqual([
      [1, 5],
      [3, 3],
    ])
    expect(mode(tensor([nan, nan, 2])).item()).toBe(2)
    expect(mode(tensor(3), 0).item()).toBe(3)
    expect(mode(whole([2, 2, 1])).dtype).toBe('int32')
    expect(errorOf(() => mode(zeros([0])))).toMatch(/there is no element to choose from/)
  })
})

describe('quantile', () => {
  const x = wide([4, 1, 3, 2])

  test.each([
    ['linear', 0.4, 2.2],
    ['lower', 0.4, 2],
    ['higher', 0.4, 3],
    ['nearest', 0.4, 2],
    ['midpoint', 0.4, 2.5],
    ['nearest', 0.5, 3],
    ['nearest', 0.6, 3],
    ['midpoint', 1, 4],
    ['linear', 0, 1],
    ['higher', 1 / 3, 2],
  ] as const)('%s, %d', (interpolation, q, expected) => {
    expect(quantile(x, q, 0, { interpolation }).item()).toBeCloseTo(expected, 14)
  })

  test('nearest goes to the even position at equal distance', () => {
    // Positions 0.5, 1.5 and 2.5 of four elements.
    const at = [0.5 / 3, 0.5, 2.5 / 3].map(q => quantile(x, q, 0, { interpolation: 'nearest' }).item())
    expect(at).toEqual([1, 3, 3])
  })

  test('over axes, several at once, of integers', () => {
    const y = randomTensor([2, 3, 4], 1)
    expect(quantile(y, [0.1, 0.5, 0.9], 1).shape).toEqual([3, 2, 4])
    expect(quantile(y, 0.5, [0, 2], { keepDims: true }).shape).toEqual([1, 3, 1])
    expect(quantile(y, 0.25).item()).toBeCloseTo(quantile(y.reshape([24]), 0.25, 0).item(), 14)
    expect(quantile(whole([1, 2]), 0.5).item()).toBe(1.5)
    expect(quantile(tensor(3), 0.2, 0).item()).toBe(3)
  })

  test('the cotangent goes to the two neighbours by their weights', () => {
    const gradient = grad((y: Tensor) => quantile(y, 0.4))(x)
    expect([...gradient.data()]).toEqual([0, 0, 0.2, 0.8].map(value => expect.closeTo(value, 14)))
  })

  test('NaN passes, and wrong settings are refused', () => {
    expect(
      quantile(
        tensor([
          [1, nan],
          [1, 2],
        ]),
        0.5,
        1,
      ).toArray(),
    ).toEqual([nan, 1.5])
    expect(errorOf(() => quantile(x, 1.5))).toBe('ArgumentError: quantile: q is from 0 to 1, got 1.5.')
    expect(errorOf(() => quantile(x, nan))).toMatch(/got NaN/)
    expect(errorOf(() => quantile(zeros([2, 0]), 0.5, 1))).toMatch(/there is no element/)
    // @ts-expect-error: no such interpolation
    expect(errorOf(() => quantile(x, 0.5, 0, { interpolation: 'cubic' }))).toBe(
      "ArgumentError: quantile: interpolation is one of linear, lower, higher, nearest, midpoint; got 'cubic'.",
    )
  })
})

describe('searchSorted', () => {
  test('agrees with counting', () => {
    fc.assert(
      fc.property(fc.array(awkward, { maxLength: 20 }), awkward, (values, value) => {
        const line = sort(wide(values).reshape([values.length]))
        const before = values.filter(other => compare(other, value) < 0).length
        const upTo = values.filter(other => compare(other, value) <= 0).length
        expect(searchSorted(line, wide([value])).toArray()).toEqual([before])
        expect(searchSorted(line, wide([value]), { side: 'right' }).toArray()).toEqual([upTo])
      }),
    )
  })

  test('one line for values of any shape, or a line for each row', () => {
    const line = wide([1, 3, 5])
    const found = searchSorted(line, wide([0, 3, 6, 5]).reshape([2, 2]))
    expect([found.dtype, found.toArray()]).toEqual([
      'int32',
      [
        [0, 1],
        [3, 2],
      ],
    ])
    expect(searchSorted(line, 3, { side: 'right' }).toArray()).toBe(2)
    expect(searchSorted(whole([1, 2]), 1.5).toArray()).toBe(1)
    expect(searchSorted(tensor([0.1]), 0.1, { side: 'right' }).toArray()).toBe(1)
    const rows = tensor([
      [1, 2],
      [3, 4],
    ])
    expect(searchSorted(rows, tensor([[2], [2]])).toArray()).toEqual([[1], [0]])
    expect(searchSorted(zeros([0]), tensor([1, 2])).toArray()).toEqual([0, 0])
    expect(searchSorted(line, zeros([0])).shape).toEqual([0])
  })

  test('refuses what does not fit', () => {
    expect(errorOf(() => searchSorted(ones([2, 3]), ones([3, 1])))).toBe(
      'ShapeError: searchSorted: sorted [2, 3] and values [3, 1] must agree in all axes but the last; sorted may also be one line for all values.',
    )
    // @ts-expect-error: there are two sides
    expect(errorOf(() => searchSorted(ones([2]), 1, { side: 'middle' }))).toMatch(
      /side is 'left' or 'right', got 'middle'/,
    )
  })
})

describe('unique', () => {
  test('gives the different elements, and the way back', () => {
    const x = tensor([
      [3, 1, 3],
      [0, -0, 1],
    ])
    const { values, indices, inverse, counts } = uniqueWithCounts(x)
    expect(values.toArray()).toEqual([0, 1, 3])
    expect(indices.toArray()).toEqual([3, 1, 0])
    expect(counts.toArray()).toEqual([2, 2, 2])
    expect(inverse.toArray()).toEqual([
      [2, 1, 2],
      [0, 0, 1],
    ])
    expect(unique(tensor([nan, 1, nan])).toArray()).toEqual([1, nan, nan])
    expect(unique(tensor([true, true])).toArray()).toEqual([true])
    expect(unique(zeros([0, 2])).toArray()).toEqual([])
    expect(unique(tensor(3)).toArray()).toEqual([3])
  })

  test('the first occurrence gets the cotangent', () => {
    expect(grad((x: Tensor) => sum(square(unique(x))))(wide([3, 1, 3])).toArray()).toEqual([6, 2, 0])
  })
})

describe('bincount and histogram', () => {
  test('count', () => {
    expect(bincount(whole([1, 3, 1])).toArray()).toEqual([0, 2, 0, 1])
    expect(bincount(whole([1]), { minLength: 4 }).toArray()).toEqual([0, 1, 0, 0])
    expect(bincount(zeros([0], { dtype: 'int32' })).toArray()).toEqual([])
    expect(bincount(whole([1])).dtype).toBe('int32')
    const { counts, edges } = histogram(tensor([0, 1, 1.5, 2, 3, nan, 9]), { bins: 3, low: 0, high: 3 })
    expect([counts.toArray(), edges.toArray()]).toEqual([
      [1, 2, 2],
      [0, 1, 2, 3],
    ])
    expect(histogram(tensor([2, 2]), { bins: 2 }).edges.toArray()).toEqual([1.5, 2, 2.5])
    expect(histogram(zeros([0])).counts.shape).toEqual([10])
  })

  test('every element falls into the bin whose edges hold it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2 }),
        fc.integer({ min: 1, max: 9 }),
        (values, bins) => {
          const { counts, edges } = histogram(wide(values), { bins })
          const borders = edges.data()
          const want = Array.from(
            { length: bins },
            (_, i) =>
              values.filter(
                v => v >= borders[i]! && (v < borders[i + 1]! || (i === bins - 1 && v <= borders[bins]!)),
              ).length,
          )
          expect(counts.toArray()).toEqual(want)
        },
      ),
    )
  })

  test('weights carry gradients', () => {
    const weights = tensor([1, 2, 4], { requiresGrad: true })
    const sums = bincount(whole([0, 2, 0]), { weights })
    expect(sums.toArray()).toEqual([5, 0, 2])
    expect(gradients(sum(square(sums)), [weights])[0]!.toArray()).toEqual([10, 4, 10])
  })

  test('refuse what cannot be counted', () => {
    expect(errorOf(() => bincount(ones([2])))).toBe(
      "DTypeError: bincount: counts int32 numbers, got float32; use cast('int32').",
    )
    expect(errorOf(() => bincount(whole([0, -1])))).toBe(
      'ArgumentError: bincount: counts numbers from 0 up, got -1.',
    )
    expect(errorOf(() => bincount(whole([0]), { weights: ones([2]) }))).toMatch(
      /^ShapeError: bincount: the weights \[2\]/,
    )
    expect(errorOf(() => histogram(ones([2]), { bins: 0 }))).toMatch(
      /^ArgumentError: histogram: bins is a whole number/,
    )
    expect(errorOf(() => histogram(tensor([infinity])))).toMatch(
      /^ArgumentError: histogram: bins from Infinity to Infinity/,
    )
  })
})
