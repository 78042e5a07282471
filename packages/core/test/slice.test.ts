import { arange, concat, flip, pad, type SliceRange, slice, stack, type Tensor, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

/** Positions that a range takes of an axis, found by walking: Python's rule, written out. */
function positions(length: number, range: SliceRange): number[] {
  if (typeof range === 'number') return [range < 0 ? range + length : range]
  if (range === null || typeof range === 'string') return Array.from({ length }, (_, i) => i)
  const step = range[2] ?? 1
  const inside = (bound: number): number => (bound < 0 ? bound + length : bound)
  const start = range[0] === null ? undefined : inside(range[0])
  const stop = range[1] === null ? undefined : inside(range[1])
  const taken: number[] = []
  if (step > 0) {
    for (let i = Math.max(0, start ?? 0); i < length && (stop === undefined || i < stop); i += step)
      taken.push(i)
  } else {
    for (
      let i = Math.min(length - 1, start ?? length - 1);
      i >= 0 && (stop === undefined || i > stop);
      i += step
    )
      taken.push(i)
  }
  return taken
}

const bound = fc.option(fc.integer({ min: -7, max: 7 }))
const range: fc.Arbitrary<SliceRange> = fc.oneof(
  fc.constant(null),
  fc.tuple(bound, bound),
  fc.tuple(bound, bound, fc.constantFrom(null, 1, 2, 3, -1, -2, -4)),
)

test('an absent end is an open one', () => {
  expect(
    tensor([1, 2, 3])
      .slice([1] as never)
      .toArray(),
  ).toEqual([2, 3])
})

describe('slice', () => {
  test('agrees with a walk over the positions, for any ranges', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), range), { minLength: 1, maxLength: 3 }), axes => {
        const shape = axes.map(([size]) => size)
        const x = arange(shape.reduce((all, size) => all * size, 1)).reshape(shape)
        const taken = axes.map(([size, part]) => positions(size, part))
        const part = slice(x, ...axes.map(([, part]) => part))
        expect(part.shape).toEqual(taken.map(list => list.length))
        const expected = taken.reduce<number[]>(
          (offsets, list, axis) => offsets.flatMap(offset => list.map(i => offset * shape[axis]! + i)),
          [0],
        )
        expect([...part.data()]).toEqual(part.size === 0 ? [] : expected)
      }),
    )
  })

  test('numbers take an axis away, dots and new axes stand anywhere', () => {
    const x = arange(24).reshape([2, 3, 4])
    expect(slice(x, 1, -1, 2).toArray()).toBe(22)
    expect(slice(x, '...', 0).toArray()).toEqual([
      [0, 4, 8],
      [12, 16, 20],
    ])
    expect(slice(x, 0, '...', [1, 3]).toArray()).toEqual([
      [1, 2],
      [5, 6],
      [9, 10],
    ])
    expect(slice(x, 'new', 0, null, 'new').shape).toEqual([1, 3, 1, 4])
    expect(slice(x, '...', 'new').shape).toEqual([2, 3, 4, 1])
    expect(slice(x).shape).toEqual([2, 3, 4])
    expect(slice(tensor(5), 'new', '...').toArray()).toEqual([5])
  })

  test('sends the cotangent back to where the elements came from', () => {
    const x = tensor([1, 2, 3, 4, 5], { requiresGrad: true })
    slice(x, [null, null, -2])
      .mul(tensor([1, 10, 100]))
      .sum()
      .backward()
    expect(x.grad?.toArray()).toEqual([100, 0, 10, 0, 1])
  })
})

test('flip', () => {
  const x = arange(4).reshape([2, 2])
  expect(flip(x).toArray()).toEqual([
    [3, 2],
    [1, 0],
  ])
  expect(flip(x, 1).toArray()).toEqual([
    [1, 0],
    [3, 2],
  ])
  expect(flip(x, [-2]).toArray()).toEqual([
    [2, 3],
    [0, 1],
  ])
  expect(flip(tensor([])).toArray()).toEqual([])
  expect(flip(tensor(3)).item()).toBe(3)
})

test('concat and stack', () => {
  const [x, y] = [tensor([[1, 2]]), tensor([[3, 4]], { dtype: 'float64' })]
  expect(concat([x, y]).toArray()).toEqual([
    [1, 2],
    [3, 4],
  ])
  expect(concat([x, y], -1).toArray()).toEqual([[1, 2, 3, 4]])
  expect(concat([x, y]).dtype).toBe('float64')
  expect(concat([tensor([]), tensor([1])]).toArray()).toEqual([1])
  expect(concat([x.transpose(), y.transpose()], 1).toArray()).toEqual([
    [1, 3],
    [2, 4],
  ])
  expect(stack([tensor(1), tensor(2)]).toArray()).toEqual([1, 2])
  expect(stack([x, x], 1).shape).toEqual([1, 2, 2])
  expect(stack([x, x], -1).toArray()).toEqual([
    [
      [1, 1],
      [2, 2],
    ],
  ])
})

test('pad', () => {
  const x = tensor([[1, 2]], { requiresGrad: true })
  expect(
    pad(x, [
      [1, 0],
      [0, 2],
    ]).toArray(),
  ).toEqual([
    [0, 0, 0, 0],
    [1, 2, 0, 0],
  ])
  expect(
    pad(
      x,
      [
        [0, 0],
        [1, 1],
      ],
      Number.NaN,
    ).toArray(),
  ).toEqual([[Number.NaN, 1, 2, Number.NaN]])
  expect(pad(tensor(4), []).item()).toBe(4)
  pad(
    x,
    [
      [1, 1],
      [1, 1],
    ],
    7,
  )
    .square()
    .sum()
    .backward()
  expect(x.grad?.toArray()).toEqual([[2, 4]])
})

test('squeeze, unsqueeze, flatten', () => {
  const x = arange(6).reshape([1, 2, 1, 3])
  const shapes = (...tensors: Tensor[]) => tensors.map(y => y.shape)
  expect(
    shapes(
      x.squeeze(),
      x.squeeze(0),
      x.squeeze([0, -2]),
      x.squeeze([]),
      x.unsqueeze(0),
      x.unsqueeze(-1),
      x.flatten(),
    ),
  ).toEqual([[2, 3], [2, 1, 3], [2, 3], [1, 2, 1, 3], [1, 1, 2, 1, 3], [1, 2, 1, 3, 1], [6]])
  expect(tensor(3).flatten().toArray()).toEqual([3])
  expect(tensor(3).unsqueeze(0).toArray()).toEqual([3])
})

describe('gather and scatterAdd', () => {
  const index = (...values: number[]): Tensor => tensor(values, { dtype: 'int32' })

  test('agree with plain loops, negative and repeated indices included', () => {
    const x = arange(12).reshape([3, 4])
    const rows = tensor(
      [
        [2, -1, 0],
        [0, 0, -3],
      ],
      { dtype: 'int32' },
    )
    expect(x.gather(0, rows).toArray()).toEqual([
      [8, 9, 2],
      [0, 1, 2],
    ])
    const columns = tensor([[3], [-1], [0]], { dtype: 'int32' })
    expect(x.gather(1, columns).toArray()).toEqual([[3], [7], [8]])
    expect(x.transpose().gather(0, columns.transpose()).toArray()).toEqual([[3, 7, 8]])
    expect(
      tensor([10, 20])
        .scatterAdd(0, index(1, 1, -2), tensor([1, 2, 3]))
        .toArray(),
    ).toEqual([13, 23])
  })

  test('leave their inputs alone, and send gradients to each', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const source = tensor([10, 20], { requiresGrad: true })
    const y = x.scatterAdd(0, index(2, 2), source)
    expect([x.toArray(), y.toArray()]).toEqual([
      [1, 2, 3],
      [1, 2, 33],
    ])
    y.square().sum().backward()
    expect([x.grad?.toArray(), source.grad?.toArray()]).toEqual([
      [2, 4, 66],
      [66, 66],
    ])
    const z = tensor([1, 2, 3], { requiresGrad: true })
    z.gather(0, index(0, 0, 2))
      .mul(tensor([1, 10, 100]))
      .sum()
      .backward()
    expect(z.grad?.toArray()).toEqual([11, 0, 100])
  })
})
