import {
  cummax,
  cummaxWithIndices,
  cummin,
  cumminWithIndices,
  cumprod,
  cumsum,
  diff,
  full,
  grad,
  gradients,
  linearRecurrence,
  logCumSumExp,
  logSumExp,
  ones,
  slice,
  sum,
  type Tensor,
  tensor,
  trapezoid,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

const nan = Number.NaN
const infinity = Number.POSITIVE_INFINITY
const wide = (values: readonly number[]): Tensor => tensor(values, { dtype: 'float64' })
const close = (x: Tensor, values: readonly number[], digits = 12): void => {
  expect([...x.data()]).toEqual(values.map(value => expect.closeTo(value, digits)))
}

/** A scan of one line in plain JavaScript. */
type LineScan = (line: readonly number[]) => number[]

const running =
  (step: (before: number, value: number) => number): LineScan =>
  line => {
    const result: number[] = []
    for (const value of line) result.push(result.length === 0 ? value : step(result.at(-1)!, value))
    return result
  }

describe('agree with plain JavaScript over random shapes and axes', () => {
  const references: readonly (readonly [string, (x: Tensor, axis: number) => Tensor, LineScan])[] = [
    ['cumsum', (x, axis) => cumsum(x, axis), running((before, value) => before + value)],
    [
      'cumsum from the end',
      (x, axis) => cumsum(x, axis, { reverse: true }),
      line => running((before, value) => before + value)([...line].reverse()).reverse(),
    ],
    ['cumprod', cumprod, running((before, value) => before * value)],
    ['cummax', cummax, running(Math.max)],
    ['cummin', cummin, running(Math.min)],
    ['logCumSumExp', logCumSumExp, running((before, value) => Math.log(Math.exp(before) + Math.exp(value)))],
    [
      'linearRecurrence',
      (x, axis) => linearRecurrence(x, x, axis),
      running((before, value) => value * before + value),
    ],
  ]
  test.each(references)('%s', (_, scan, reference) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 3 }),
        fc.nat(),
        fc.nat({ max: 2 }),
        (shape, seed, choice) => {
          const axis = choice % shape.length
          const plain = randomTensor(shape, seed)
          // Every other time a view, so that strides are walked too.
          const x =
            seed % 2 === 0
              ? plain
              : randomTensor([...shape].reverse(), seed).permute(shape.map((_, k) => shape.length - 1 - k))
          const result = scan(x, axis)
          expect(result.shape).toEqual(x.shape)
          const lines = (t: Tensor): number[] => {
            const order = [...shape.keys()].filter(k => k !== axis)
            return [...t.permute([...order, axis]).data()]
          }
          const [input, output] = [lines(x), lines(result)]
          const length = shape[axis]!
          for (let at = 0; at < input.length; at += length) {
            const want = reference(input.slice(at, at + length))
            expect(output.slice(at, at + length)).toEqual(want.map(value => expect.closeTo(value, 12)))
          }
        },
      ),
    )
  })
})

describe('a 0-d tensor is a line of one element', () => {
  const x = tensor(3, { dtype: 'float64', requiresGrad: true })
  test.each([
    ['cumsum', cumsum],
    ['cumprod', cumprod],
    ['cummax', cummax],
    ['cummin', cummin],
    ['logCumSumExp', logCumSumExp],
  ] as const)('%s', (_, scan) => {
    for (const axis of [0, -1]) {
      const y = scan(x, axis) as Tensor
      expect([y.shape, y.item()]).toEqual([[], 3])
      expect(gradients(y, [x])[0]!.item()).toBe(1)
    }
    expect(errorOf(() => scan(x, 1))).toMatch(
      /^AxisError: \w+: axis 1 is outside of a tensor of rank 0; of a 0-d/,
    )
  })

  test('linearRecurrence', () => {
    expect(linearRecurrence(x, x, 0).item()).toBe(3)
  })
})

describe('cumsum', () => {
  test('of ten million float32 ones is exact', () => {
    const sums = cumsum(ones([10_000_000])).data()
    for (const at of [0, 9_999_998, 9_999_999]) expect(sums[at]).toBe(at + 1)
  })

  test('loses nothing to rounding on the way', () => {
    expect(cumsum(wide([1e100, 1, -1e100, 1])).toArray()).toEqual([1e100, 1e100, 1, 2])
    const tenths = cumsum(tensor(new Float64Array(1_000_000).fill(0.1))).data()
    // A million times the float64 next to 0.1 is 100000 + 5.6e-12, which rounds to 100000.
    expect(tenths[999_999]).toBe(100_000)
  })

  test('passes infinities and NaN on', () => {
    expect(cumsum(tensor([infinity, 1, 2])).toArray()).toEqual([infinity, infinity, infinity])
    expect(cumsum(tensor([1, infinity, -infinity, 2])).toArray()).toEqual([1, infinity, nan, nan])
    expect(cumsum(tensor([1, nan, 2])).toArray()).toEqual([1, nan, nan])
    expect(cumsum(wide([Number.MAX_VALUE, Number.MAX_VALUE, 1])).toArray()).toEqual([
      Number.MAX_VALUE,
      infinity,
      infinity,
    ])
  })

  test('counts booleans, keeps integers', () => {
    const counts = cumsum(tensor([true, false, true]))
    expect([counts.dtype, counts.toArray()]).toEqual(['int32', [1, 1, 2]])
    expect(cumsum(tensor([1, 2], { dtype: 'int32' })).dtype).toBe('int32')
    expect(cumsum(zeros([2, 0])).shape).toEqual([2, 0])
  })

  test('backward the cotangents are summed up from the other end', () => {
    const x = randomTensor([4], 1)
    const weights = wide([1, 2, 3, 4])
    close(grad((y: Tensor) => sum(cumsum(y).mul(weights)))(x), [10, 9, 7, 4])
    close(grad((y: Tensor) => sum(cumsum(y, 0, { reverse: true }).mul(weights)))(x), [1, 3, 6, 10])
  })
})

describe('cumprod', () => {
  const product = (list: readonly number[]): number => list.reduce((all, value) => all * value, 1)

  test.each([[[2, 0, 3, -1.5]], [[0, 2, 0, 3]], [[2, 3, 4]], [[0]], [[0, 0, 0]]])(
    'has exact first and second derivatives at %j',
    values => {
      const weights = values.map((_, i) => i + 1)
      const f = (x: Tensor): Tensor => sum(cumprod(x).mul(wide(weights)))
      const without = (...left: number[]): number =>
        weights.reduce((all, weight, end) => {
          if (left.some(i => i > end)) return all
          return all + weight * product(values.slice(0, end + 1).filter((_, i) => !left.includes(i)))
        }, 0)
      close(
        grad(f)(wide(values)),
        values.map((_, i) => without(i)),
      )
      values.forEach((_, i) => {
        const row = grad((x: Tensor) => slice(grad(f)(x), i))(wide(values))
        close(
          row,
          values.map((_, j) => (i === j ? 0 : without(i, j))),
        )
      })
    },
  )

  test('of integers and booleans is whole, of nothing is nothing', () => {
    const whole = cumprod(tensor([2, 3, -4], { dtype: 'int32' }))
    expect([whole.dtype, whole.toArray()]).toEqual(['int32', [2, 6, -24]])
    const flags = cumprod(tensor([true, true, false]))
    expect([flags.dtype, flags.toArray()]).toEqual(['int32', [1, 1, 0]])
    expect(cumprod(zeros([0, 3]), 0).shape).toEqual([0, 3])
  })

  test('begins with an infinite element', () => {
    expect(cumprod(tensor([infinity, 2])).toArray()).toEqual([infinity, infinity])
  })
})

describe('linearRecurrence', () => {
  test('discounts from the end', () => {
    const rewards = wide([1, 0, 2])
    expect(
      linearRecurrence(full([3], 0.5, { dtype: 'float64' }), rewards, 0, { reverse: true }).toArray(),
    ).toEqual([1.5, 1, 2])
  })

  test('the factor of the first place counts nothing', () => {
    expect(linearRecurrence(wide([infinity, 2]), wide([1, 1])).toArray()).toEqual([1, 3])
    expect(linearRecurrence(wide([2, nan]), wide([1, 1]), 0, { reverse: true }).toArray()).toEqual([3, 1])
    const gradient = grad((factors: Tensor) => sum(linearRecurrence(factors, wide([1, 1, 1]))))
    // y = 1, f₁ + 1, f₂ (f₁ + 1) + 1
    expect(gradient(wide([5, 2, 3])).toArray()).toEqual([0, 4, 3])
  })

  test('of int32 wraps as int32 does, and refuses other shapes', () => {
    const big = linearRecurrence(full([3], 65_536, { dtype: 'int32' }), tensor([1, 1, 1], { dtype: 'int32' }))
    expect(big.toArray()).toEqual([1, 65_537, 65_537])
    expect(errorOf(() => linearRecurrence(ones([2]) as Tensor, ones([3])))).toBe(
      'ShapeError: linearRecurrence: the factors [2] and the terms [3] must have one shape; use expand first.',
    )
  })
})

describe('logCumSumExp', () => {
  test('does not overflow, and ends with logSumExp', () => {
    close(logCumSumExp(wide([1000, 1000, -1000])), [1000, 1000 + Math.LN2, 1000 + Math.LN2])
    close(logCumSumExp(wide([-1000, 0, 1000])), [-1000, 0, 1000])
    const x = randomTensor([3, 50], 4).mul(30)
    close(logCumSumExp(x).slice(null, -1), [...logSumExp(x, 1).data()])
  })

  test('begins with -infinity, and goes on', () => {
    const x = wide([-infinity, -infinity, 2, -infinity, 2])
    close(logCumSumExp(x).slice([2, null]), [2, 2, 2 + Math.LN2])
    expect(logCumSumExp(x).slice([0, 2]).toArray()).toEqual([-infinity, -infinity])
    const gradient = grad((y: Tensor) => sum(logCumSumExp(y).slice([2, null])))(x)
    close(gradient, [0, 0, 2.5, 0, 0.5])
    const second = grad((y: Tensor) =>
      sum(grad((z: Tensor) => sum(logCumSumExp(z).mul(wide([1, 2, 3, 4, 5]))))(y)),
    )(x)
    expect([...second.data()].every(Number.isFinite)).toBe(true)
  })

  test('passes infinity and NaN on', () => {
    expect(logCumSumExp(tensor([1, infinity, infinity, 2])).toArray()).toEqual([
      1,
      infinity,
      infinity,
      infinity,
    ])
    expect(logCumSumExp(tensor([1, nan, infinity])).toArray()).toEqual([1, nan, nan])
    expect(logCumSumExp(tensor([1], { dtype: 'int32' })).dtype).toBe('float32')
  })

  test('the gradient is the sum of the weights of each element', () => {
    const x = wide([0.5, -1, 2, 0])
    const exps = [...x.data()].map(Math.exp)
    const total = (end: number): number => exps.slice(0, end + 1).reduce((all, value) => all + value, 0)
    close(
      grad((y: Tensor) => sum(logCumSumExp(y)))(x),
      exps.map((value, j) => exps.reduce((all, _, i) => (i < j ? all : all + value / total(i)), 0)),
    )
  })
})

describe('cummax and cummin', () => {
  test('name the last of equals, which gets the cotangent', () => {
    const x = tensor([1, 3, 3, 2, 3, 0], { requiresGrad: true })
    const largest = cummaxWithIndices(x)
    expect(largest.values.toArray()).toEqual([1, 3, 3, 3, 3, 3])
    expect(largest.indices.toArray()).toEqual([0, 1, 2, 2, 4, 4])
    expect([largest.indices.dtype, largest.indices.requiresGrad]).toEqual(['int32', false])
    expect(gradients(sum(largest.values), [x])[0]!.toArray()).toEqual([1, 1, 2, 0, 2, 0])
    const smallest = cumminWithIndices(tensor([2, 2, 1, 5, 1]))
    expect(smallest.indices.toArray()).toEqual([0, 1, 2, 2, 4])
  })

  test('NaN wins from the first one on', () => {
    expect(cummaxWithIndices(tensor([1, nan, 5, nan])).indices.toArray()).toEqual([0, 1, 1, 3])
    expect(cummin(tensor([1, nan, 0])).toArray()).toEqual([1, nan, nan])
  })
})

describe('diff', () => {
  test('takes differences along an axis, again and again', () => {
    const x = tensor([
      [1, 4, 9],
      [2, 3, 5],
    ])
    expect(diff(x).toArray()).toEqual([
      [3, 5],
      [1, 2],
    ])
    expect(diff(x, 0).toArray()).toEqual([[1, -1, -4]])
    expect(diff(x, -1, { times: 2 }).toArray()).toEqual([[2], [1]])
    expect(diff(x, -1, { times: 0 }).toArray()).toEqual(x.toArray())
    expect(diff(x, -1, { times: 7 }).shape).toEqual([2, 0])
    expect(diff(tensor([true, false])).toArray()).toEqual([-1])
  })

  test('refuses what is no order, and 0-d tensors', () => {
    expect(errorOf(() => diff(ones([2]), -1, { times: -1 }))).toBe(
      'ArgumentError: diff: times is a whole number from 0 up, got -1.',
    )
    expect(errorOf(() => diff(tensor(1)))).toBe(
      'AxisError: diff: axis -1 is outside of a tensor of rank 0; a 0-d tensor has no axes.',
    )
  })

  test('undoes cumsum', () => {
    const x = randomTensor([3, 5], 2)
    close(diff(cumsum(x)), [...x.slice(null, [1, null]).data()])
  })
})

describe('trapezoid', () => {
  const y = wide([1, 2, 4])

  test('with even and uneven spacing', () => {
    expect(trapezoid(y).item()).toBe(4.5)
    expect(trapezoid(y, -1, { spacing: 2 }).item()).toBe(9)
    expect(trapezoid(y, -1, { x: wide([0, 1, 3]) }).item()).toBe(7.5)
    expect(trapezoid(y, -1, { x: wide([3, 1, 0]) }).item()).toBe(-6)
    expect(trapezoid(wide([5])).item()).toBe(0)
    expect(trapezoid(zeros([2, 0])).toArray()).toEqual([0, 0])
  })

  test('along an axis, with one line of places or one place for each value', () => {
    const values = randomTensor([3, 4], 1)
    const places = wide([0, 1, 3])
    const columns = values.transpose()
    close(trapezoid(values, 0, { x: places }), [...trapezoid(columns, -1, { x: places }).data()])
    const each = places.reshape([3, 1]).expand([3, 4])
    close(trapezoid(values, 0, { x: each }), [...trapezoid(columns, -1, { x: places }).data()])
  })

  test('has gradients for values and places, and checks their shapes', () => {
    close(grad((v: Tensor) => trapezoid(v))(y), [0.5, 1, 0.5])
    close(grad((x: Tensor) => trapezoid(y, -1, { x }))(wide([0, 1, 3])), [-1.5, -1.5, 3])
    expect(errorOf(() => trapezoid(y, -1, { x: ones([2]) }))).toBe(
      'ShapeError: trapezoid: the places x [2] do not fit the values [3] along axis 0; give one line of 3 places, or one for each value.',
    )
  })
})
