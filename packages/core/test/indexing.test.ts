// Reading at indices: at, take, indexSelect, takeAlongAxis, embedding, masks, nonzero, oneHot, segmentSum, and slices as views.
import {
  arange,
  at,
  embedding,
  grad,
  gradients,
  type Index,
  indexSelect,
  jvp,
  maskedFill,
  maskedScatter,
  maskedSelect,
  mul,
  nonzero,
  oneHot,
  segmentSum,
  slice,
  square,
  sum,
  Tensor,
  take,
  takeAlongAxis,
  tensor,
  vmap,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorOf, positionsOf, randomTensor } from './support.ts'

const int = (data: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(data as number[], { dtype: 'int32' })

/** Whole numbers of a shape, as an index tensor. */
const indicesOf = (shape: readonly number[], values: readonly number[]): Tensor =>
  tensor([...values], { dtype: 'int32', shape })

const sizeOf = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)

/** An axis of the result: the elements that a range takes of an axis, or those of all index tensors together. */
type Part = { readonly axis: number | undefined; readonly list: readonly number[] } | 'chosen'

/** NumPy's rules, written out: the shape of x[...] and the row-major place of every element that it takes. */
function reference(
  shape: readonly number[],
  indices: readonly Index[],
): { shape: number[]; places: number[] } {
  const axesOf = (index: Index): number =>
    index === '...' || index === 'new'
      ? 0
      : index instanceof Tensor && index.dtype === 'bool'
        ? index.rank
        : 1
  const rest = shape.length - indices.reduce<number>((all, index) => all + axesOf(index), 0)
  const parts: Part[] = []
  const lists: { axis: number; shape: readonly number[]; values: readonly number[] }[] = []
  const placesOfLists: number[] = []
  let axis = 0
  const all = (): Part => ({ axis, list: Array.from({ length: shape[axis++]! }, (_, i) => i) })
  const choose = (place: number): void => {
    placesOfLists.push(place)
    parts.push('chosen')
  }
  for (const [place, index] of [...indices, ...(indices.includes('...') ? [] : ['...' as const])].entries()) {
    if (index === 'new') parts.push({ axis: undefined, list: [0] })
    else if (index === '...') for (let k = 0; k < rest; k++) parts.push(all())
    else if (index === null) parts.push(all())
    else if (index instanceof Tensor && index.dtype === 'bool') {
      const truths = [...positionsOf(index.shape)].filter((_, i) => index.data()[i] === 1)
      choose(place)
      for (let k = 0; k < index.rank; k++)
        lists.push({ axis: axis++, shape: [truths.length], values: truths.map(truth => truth[k]!) })
    } else if (index instanceof Tensor || typeof index === 'number') {
      choose(place)
      const values = typeof index === 'number' ? [index] : [...index.data()]
      const size = shape[axis]!
      const wrapped = values.map(value => (value < 0 ? value + size : value))
      lists.push({ axis: axis++, shape: typeof index === 'number' ? [] : index.shape, values: wrapped })
    } else {
      const [start, stop] = index as readonly [number, number]
      const size = shape[axis]!
      const list = Array.from({ length: size }, (_, i) => i).slice(start, stop)
      parts.push({ axis: axis++, list })
    }
  }
  const rank = Math.max(0, ...lists.map(list => list.shape.length))
  const common = Array.from({ length: rank }, (_, k) => {
    const sizes = lists.map(list => list.shape[list.shape.length - rank + k] ?? 1)
    return sizes.find(size => size !== 1) ?? 1
  })
  const together = placesOfLists.every((place, i) => i === 0 || place === placesOfLists[i - 1]! + 1)
  const first = together ? parts.indexOf('chosen') : 0
  const ranges = (some: readonly Part[]): Exclude<Part, 'chosen'>[] => some.filter(part => part !== 'chosen')
  const [before, after] = [ranges(parts.slice(0, first)), ranges(parts.slice(first))]
  const sizes = (some: readonly Exclude<Part, 'chosen'>[]): number[] => some.map(part => part.list.length)
  const result = [...sizes(before), ...common, ...sizes(after)]
  const strides = shape.map((_, k) => sizeOf(shape.slice(k + 1)))
  const places = [...positionsOf(result)].map(position => {
    let place = 0
    for (const [k, part] of before.entries())
      if (part.axis !== undefined) place += part.list[position[k]!]! * strides[part.axis]!
    for (const [k, part] of after.entries())
      if (part.axis !== undefined)
        place += part.list[position[before.length + rank + k]!]! * strides[part.axis]!
    for (const list of lists) {
      let index = 0
      for (const [k, size] of list.shape.entries()) {
        const along = position[before.length + rank - list.shape.length + k]!
        index = index * size + (size === 1 ? 0 : along)
      }
      place += list.values[index]! * strides[list.axis]!
    }
    return place
  })
  return { shape: result, places }
}

/** A shape, and indices for it of which at least one is a tensor. */
const calls: fc.Arbitrary<{ shape: number[]; indices: Index[] }> = fc.gen().map(gen => {
  const integer = (min: number, max: number): number => gen(fc.integer, { min, max })
  const shape = Array.from({ length: integer(1, 4) }, () => integer(1, 4))
  const common = [integer(1, 3), integer(1, 3)].slice(integer(0, 2))
  const indices: Index[] = []
  let axis = 0
  let hasDots = false
  while (axis < shape.length) {
    const size = shape[axis]!
    const kind = integer(0, 9)
    const some = (): number[] =>
      common.slice(integer(0, common.length)).map(n => (integer(0, 3) === 0 ? 1 : n))
    if (kind <= 3) {
      const sizes = some()
      const values = Array.from({ length: sizeOf(sizes) }, () => integer(-size, size - 1))
      indices.push(indicesOf(sizes, values))
      axis++
    } else if (kind === 4) {
      indices.push(integer(-size, size - 1))
      axis++
    } else if (kind === 5) {
      indices.push([integer(-size, size), integer(-size, size)])
      axis++
    } else if (kind === 6) {
      indices.push(null)
      axis++
    } else if (kind === 7) indices.push('new')
    else if (kind === 8 && !hasDots) {
      indices.push('...')
      hasDots = true
      axis += integer(0, shape.length - axis)
    } else if (!hasDots) break
  }
  if (!indices.some(index => index instanceof Tensor)) {
    // A mask over all axes, with as many true places as there are true numbers.
    const values = Array.from({ length: sizeOf(shape) }, () => integer(0, 1) === 1)
    return { shape, indices: [tensor(values, { shape })] }
  }
  return { shape, indices }
})

describe('at', () => {
  test('takes what the rules of NumPy say, in their shape', () => {
    fc.assert(
      fc.property(calls, ({ shape, indices }) => {
        const x = arange(sizeOf(shape)).reshape(shape)
        const expected = reference(shape, indices)
        const found = at(x, ...indices)
        expect(found.shape).toEqual(expected.shape)
        expect([...found.data()]).toEqual(expected.places)
      }),
      { numRuns: 300 },
    )
  })

  test('sends every cotangent to the element it came from, and tangents along, in every layout', () => {
    fc.assert(
      fc.property(calls, ({ shape, indices }) => {
        const { places } = reference(shape, indices)
        const x = randomTensor(shape, 1)
        const turned = randomTensor([...shape].reverse(), 1).permute(
          shape.map((_, k) => shape.length - 1 - k),
        )
        for (const input of [x, turned]) {
          const f = (y: Tensor): Tensor => at(y, ...indices)
          const weights = randomTensor(f(input).shape, 2)
          const expected = new Float64Array(sizeOf(shape))
          for (const [i, place] of places.entries()) expected[place]! += weights.data()[i]!
          expect(grad((y: Tensor) => sum(mul(f(y), weights)))(input).data()).toEqual(expected)
          const { tangent } = jvp(f, input, x)
          expect([...tangent.data()]).toEqual(places.map(place => x.data()[place]!))
          // The gradient of the sum of squares is 2 x for each copy; its own gradient counts the copies.
          const twice = grad((y: Tensor) => sum(grad((z: Tensor) => sum(square(f(z))))(y)))(input)
          const counts = new Float64Array(sizeOf(shape))
          for (const place of places) counts[place]! += 2
          expect(twice.data()).toEqual(counts)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('without tensors it is slice, a view', () => {
    const x = arange(12).reshape([3, 4])
    const y = at(x, 1, [null, null, -2])
    expect(y.toArray()).toEqual([7, 5])
    expect(y.storage).toBe(x.storage)
    expect(at(x).shape).toEqual([3, 4])
    expect(x.at('new', '...', [1, 3]).shape).toEqual([1, 3, 2])
  })

  test('index tensors apart go to the front, a plain number beside them counts as one', () => {
    const x = arange(24).reshape([2, 3, 4])
    expect(at(x, int([0, 1]), null, int([0, 3])).shape).toEqual([2, 3])
    expect(at(x, 0, null, int([0, 3])).shape).toEqual([2, 3])
    expect(at(x, null, 0, int([0, 3])).shape).toEqual([2, 2])
    expect(at(x, int([0, 1]), 'new', int([0, 2])).shape).toEqual([2, 1, 4])
    expect(at(x, '...', int([[0], [3]])).shape).toEqual([2, 3, 2, 1])
  })

  test('masks of any rank, beside other indices, and of no axes', () => {
    const x = arange(12).reshape([3, 4])
    const rows = tensor([true, false, true])
    expect(at(x, rows).toArray()).toEqual([
      [0, 1, 2, 3],
      [8, 9, 10, 11],
    ])
    expect(at(x, rows, int([1, -1])).toArray()).toEqual([1, 11])
    expect(at(x, rows, int([[1], [2]])).toArray()).toEqual([
      [1, 9],
      [2, 10],
    ])
    expect(at(x, x.greater(100)).shape).toEqual([0])
    expect(at(x, null, tensor([false, false, false, false])).shape).toEqual([3, 0])
    expect(at(x, tensor(true)).shape).toEqual([1, 3, 4])
    expect(at(x, tensor(false)).shape).toEqual([0, 3, 4])
    expect(at(tensor(7), tensor(true)).toArray()).toEqual([7])
  })

  test('no indices, no elements, no axes', () => {
    const none = indicesOf([0], [])
    expect(at(arange(6).reshape([2, 3]), none).shape).toEqual([0, 3])
    expect(at(tensor([]), none).shape).toEqual([0])
    expect(at(arange(6).reshape([2, 3]), none, none).shape).toEqual([0])
    expect(at(arange(3), int(-1)).toArray()).toBe(2)
    expect(at(tensor([], { shape: [2, 0] }), int([1, 1, 0])).shape).toEqual([3, 0])
    const x = tensor([1, 2], { requiresGrad: true })
    at(x, none).sum().backward()
    expect(x.grad?.toArray()).toEqual([0, 0])
  })

  test('keeps the dtype', () => {
    for (const dtype of ['float32', 'float64', 'int32', 'bool'] as const)
      expect(at(arange(2).cast(dtype), int([1, 1])).dtype).toBe(dtype)
  })

  test('mistakes are named', () => {
    const x = arange(12).reshape([3, 4])
    expect([
      errorOf(() => at(x, null, int([0, 4]))),
      errorOf(() => at(x, int([[0, -4]]))),
      errorOf(() => at(x, 3, int([0]))),
      errorOf(() => at(x, tensor([0, 1]))),
      errorOf(() => at(x, tensor([true, false]))),
      errorOf(() => at(x, int([0]), int([0]), int([0]))),
      errorOf(() => at(x, '...', int([0]), '...')),
      errorOf(() => at(x, int([0, 1]), int([0, 1, 2]))),
      errorOf(() => at(tensor([], { shape: [0, 2] }), int([0]))),
    ]).toMatchInlineSnapshot(`
      [
        "ArgumentError: at: index 4 at [1] is outside of axis 1 of [3, 4], of size 4; indices run from -4 to 3.",
        "ArgumentError: at: index -4 at [0, 1] is outside of axis 0 of [3, 4], of size 3; indices run from -3 to 2.",
        "ArgumentError: at: index 3 is outside of axis 0 of [3, 4], of size 3.",
        "DTypeError: at: an index tensor is int32, or bool as a mask; got float32. Make it with { dtype: 'int32' } or cast('int32').",
        "ShapeError: at: the mask [2] does not have the sizes of axis 0 of [3, 4].",
        "ArgumentError: at: indices for 3 axes, but [3, 4] has 2.",
        "ArgumentError: at: '...' may stand once only.",
        "ShapeError: at: cannot broadcast [2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).",
        "ArgumentError: at: index 0 at [0] is outside of axis 0 of [0, 2], of size 0; no index fits.",
      ]
    `)
  })
})

test('slices are views, whatever they take away or add', () => {
  const x = randomTensor([3, 4, 5], 3)
  const views: Tensor[] = [
    slice(x, 1),
    slice(x, null, 2),
    slice(x, '...', -1),
    slice(x, [null, null, 2], null, [null, null, -2]),
    slice(x, 0, [-3, -1], 'new', [4, 0, -3]),
    slice(x.permute([2, 0, 1]), 'new', [1, 4], 2, 'new', null),
    slice(x, 1, 2, 3),
    slice(x, null, 0).unsqueeze(1).squeeze(),
  ]
  for (const view of views) expect(view.storage).toBe(x.storage)
  expect(slice(x.permute([2, 0, 1]), 'new', [1, 4], 2, 'new', null).shape).toEqual([1, 3, 1, 4])
  expect(slice(x, null, 2).toArray()).toEqual((x.toArray() as number[][][]).map(rows => rows[2]))
  // A later reshape may have to copy, and is right all the same.
  expect([...slice(x, null, 2).reshape([5, 3]).data()]).toEqual([...slice(x, null, 2).data()])
})

test('reshape is a view where strides can say it, and right where they cannot', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(9), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (sizes, choices, turned) => {
        const x = arange(sizeOf(sizes)).reshape(sizes)
        const order = sizes.map((_, k) => k)
        if (turned) order.reverse()
        const source = slice(
          x.permute(order),
          ...sizes.map((_, k) => [null, null, choices[k]! % 2 === 0 ? 1 : -1] as const),
        )
        const merged: number[] = []
        for (const [k, size] of (source.shape as readonly number[]).entries()) {
          if (choices[k]! % 3 === 0 && merged.length > 0) merged[merged.length - 1]! *= size
          else merged.push(...(choices[k]! % 3 === 1 ? [1, size] : [size]))
        }
        const reshaped = source.reshape(merged)
        expect([...reshaped.data()]).toEqual([...source.data()])
        expect([...reshaped.reshape(source.shape).data()]).toEqual([...source.data()])
      },
    ),
  )
})

describe('take and indexSelect', () => {
  test('along an axis with indices of any shape, or flat', () => {
    const x = arange(12).reshape([3, 4])
    expect(take(x, int([[3, 0]]), 1).toArray()).toEqual([[[3, 0]], [[7, 4]], [[11, 8]]])
    expect(take(x, int(1), 0).toArray()).toEqual([4, 5, 6, 7])
    expect(
      x
        .transpose()
        .take(int([1, -1]))
        .toArray(),
    ).toEqual([4, 11])
    expect(take(tensor(5), int([0, -1])).toArray()).toEqual([5, 5])
    expect(x.indexSelect(-1, int([2, 2])).toArray()).toEqual([
      [2, 2],
      [6, 6],
      [10, 10],
    ])
    expect(indexSelect(x, 0, int(2)).shape).toEqual([1, 4])
  })

  test('add up what repeated indices send back', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    take(
      x,
      int([
        [2, 2],
        [0, 2],
      ]),
    )
      .mul(
        tensor([
          [1, 10],
          [100, 1000],
        ]),
      )
      .sum()
      .backward()
    expect(x.grad?.toArray()).toEqual([100, 0, 1011])
  })

  test('mistakes are named', () => {
    const x = arange(6).reshape([2, 3])
    expect([
      errorOf(() =>
        take(
          x,
          int([
            [0, 1],
            [2, 3],
          ]),
          1,
        ),
      ),
      errorOf(() => take(x, int([6]))),
      errorOf(() => take(x, tensor([0]), 0)),
      errorOf(() => take(x, int([0]), 2)),
      errorOf(() => indexSelect(x, 0, int([[0]]))),
      errorOf(() => indexSelect(x, 0, int([-3]))),
    ]).toMatchInlineSnapshot(`
      [
        "ArgumentError: take: index 3 at [1, 1] is outside of axis 1 of [2, 3], of size 3; indices run from -3 to 2.",
        "ArgumentError: take: index 6 at [0] is outside of the elements of [2, 3], of size 6; indices run from -6 to 5.",
        "DTypeError: take: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
        "AxisError: take: axis 2 is outside of a tensor of rank 2; axes run from -2 to 1.",
        "ShapeError: indexSelect: the indices must be a list, got shape [1, 1].",
        "ArgumentError: indexSelect: index -3 at [0] is outside of axis 0 of [2, 3], of size 2; indices run from -2 to 1.",
      ]
    `)
  })
})

describe('takeAlongAxis', () => {
  test('agrees with a walk, with every axis broadcast', () => {
    const dims = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 })), {
      minLength: 1,
      maxLength: 3,
    })
    fc.assert(
      fc.property(
        dims,
        fc.nat(2),
        fc.nat(4),
        fc.infiniteStream(fc.nat(99)),
        (sizes, axisSeed, count, numbers) => {
          const axis = axisSeed % sizes.length
          const shape = sizes.map(([size, repeat], k) => (k !== axis && repeat === 1 ? 1 : size))
          const indexShape = sizes.map(([size, repeat], k) => (k === axis ? count : repeat === 2 ? 1 : size))
          const n = shape[axis]!
          const values = Array.from(
            { length: sizeOf(indexShape) },
            () => (numbers.next().value % (2 * n)) - n,
          )
          const indices = indicesOf(indexShape, values)
          const x = arange(sizeOf(shape)).reshape(shape)
          const result = shape.map((size, k) => (k === axis ? count : Math.max(size, indexShape[k]!)))
          const found = takeAlongAxis(x, indices, axis - sizes.length)
          expect(found.shape).toEqual(result)
          const element = (
            data: ArrayLike<number>,
            of: readonly number[],
            position: readonly number[],
          ): number => data[of.reduce((all, size, k) => all * size + (size === 1 ? 0 : position[k]!), 0)]!
          const expected = [...positionsOf(result)].map(position => {
            const index = element(indices.data(), indexShape, position)
            const from = position.map((p, k) => (k === axis ? (index + n) % n : p))
            return shape[axis] === 1
              ? element(x.data(), shape, from.with(axis, 0))
              : element(x.data(), shape, from)
          })
          expect([...found.data()]).toEqual(expected)
        },
      ),
    )
  })

  test('undoes argsort, reads what argmax found, and takes 0-d tensors', () => {
    const x = tensor([
      [3, 1, 2],
      [9, 8, 7],
    ])
    expect(takeAlongAxis(x, x.argmax(1, { keepDims: true }), 1).toArray()).toEqual([[3], [9]])
    expect(x.takeAlongAxis(int([[1, 2, 0]])).toArray()).toEqual([
      [1, 2, 3],
      [8, 7, 9],
    ])
    expect(takeAlongAxis(tensor(4), int(0), 0).toArray()).toBe(4)
  })

  test('mistakes are named', () => {
    const x = arange(6).reshape([2, 3])
    expect([
      errorOf(() => takeAlongAxis(x, int([0]), 0)),
      errorOf(() => takeAlongAxis(x, int([[0], [0], [0]]), 1)),
      errorOf(() => takeAlongAxis(x, int([[2, 0, 0]]), 0)),
    ]).toMatchInlineSnapshot(`
      [
        "ShapeError: takeAlongAxis: indices of shape [1] need the rank of [2, 3]; give them axes of size 1 where they repeat.",
        "ShapeError: takeAlongAxis: cannot broadcast [2, 1] with [3, 1]: axis -2 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).",
        "ArgumentError: takeAlongAxis: index 2 at [0, 0] is outside of axis 0 of [2, 3], of size 2; indices run from -2 to 1.",
      ]
    `)
  })
})

describe('embedding', () => {
  test('looks rows up and adds their gradients up, in float32 too', () => {
    const weights = tensor(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { requiresGrad: true },
    )
    const y = embedding(
      weights,
      int([
        [2, 0],
        [2, 2],
      ]),
    )
    expect(y.shape).toEqual([2, 2, 2])
    expect(y.dtype).toBe('float32')
    y.mul(
      tensor([
        [[1], [2]],
        [[3], [4]],
      ]),
    )
      .sum()
      .backward()
    expect(weights.grad?.toArray()).toEqual([
      [2, 2],
      [0, 0],
      [8, 8],
    ])
    expect(embedding(weights, int(1)).toArray()).toEqual([3, 4])
    expect(embedding(weights, indicesOf([0, 2], [])).shape).toEqual([0, 2, 2])
  })

  test('does not wrap: a negative row is a mistake', () => {
    const weights = arange(6).reshape([3, 2])
    expect([
      errorOf(() => embedding(weights, int([0, -1]))),
      errorOf(() => embedding(weights, int(3))),
      errorOf(() => embedding(tensor(1), int(0))),
    ]).toMatchInlineSnapshot(`
      [
        "ArgumentError: embedding: index -1 at [1] is outside of axis 0 of [3, 2], of size 3; indices run from 0 to 2.",
        "ArgumentError: embedding: index 3 is outside of axis 0 of [3, 2], of size 3; indices run from 0 to 2.",
        "AxisError: embedding: the weights need an axis to look up rows along, got a 0-d tensor.",
      ]
    `)
  })
})

describe('masks', () => {
  test('maskedSelect broadcasts both ways', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const y = maskedSelect(
      x,
      tensor([
        [true, false, true],
        [true, false, false],
      ]),
    )
    expect(y.toArray()).toEqual([1, 3, 1])
    y.mul(tensor([1, 10, 100]))
      .sum()
      .backward()
    expect(x.grad?.toArray()).toEqual([101, 0, 10])
    expect(
      arange(4)
        .reshape([2, 2])
        .maskedSelect(tensor([[true], [false]]))
        .toArray(),
    ).toEqual([0, 1])
  })

  test('maskedFill takes numbers and 0-d tensors, and blocks the gradient', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const value = tensor(5, { requiresGrad: true })
    const mask = tensor([true, false, true])
    expect(maskedFill(x, mask, -Infinity).toArray()).toEqual([-Infinity, 2, -Infinity])
    x.maskedFill(mask, value).square().sum().backward()
    expect([x.grad?.toArray(), value.grad?.toArray()]).toEqual([[0, 4, 0], 20])
  })

  test('maskedScatter uses up the source in order', () => {
    const x = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { requiresGrad: true },
    )
    const source = tensor([[10, 20, 30]], { requiresGrad: true })
    const y = maskedScatter(x, tensor([false, true]), source)
    expect(y.toArray()).toEqual([
      [1, 10],
      [3, 20],
    ])
    y.square().sum().backward()
    expect([x.grad?.toArray(), source.grad?.toArray()]).toEqual([
      [
        [2, 0],
        [6, 0],
      ],
      [[20, 40, 0]],
    ])
  })

  test('mistakes are named', () => {
    const x = arange(4).reshape([2, 2])
    expect([
      errorOf(() => maskedSelect(x, tensor([1, 0]))),
      errorOf(() => maskedSelect(x, tensor([true, false, true]))),
      errorOf(() => maskedFill(x, tensor([true, false]), tensor([1, 2]))),
      errorOf(() => maskedScatter(x, tensor(true), tensor([1, 2, 3]))),
      errorOf(() => maskedScatter(tensor([1, 2]), x.greater(1), tensor([1, 2, 3, 4]))),
    ]).toMatchInlineSnapshot(`
      [
        "DTypeError: maskedSelect: the mask must be bool, got float32 of shape [2]; compare, as in x.greater(0), or use cast('bool').",
        "ShapeError: maskedSelect: cannot broadcast [2, 2] with [3]: axis -1 has 2 on the left and 3 on the right (sizes must be equal, or one of them 1).",
        "ShapeError: maskedFill: takes a number or a 0-d tensor, got [2]; where takes a value for each element.",
        "ArgumentError: maskedScatter: the mask is true 4 times, the source [3] has 3 elements only.",
        "ShapeError: maskedScatter: the mask [2, 2] does not broadcast to [2].",
      ]
    `)
  })

  test('under vmap a mask of the examples has no values to read', () => {
    const masks = tensor([
      [true, false],
      [true, true],
    ])
    const read = vmap((mask: Tensor) => maskedSelect(arange(2), mask), {})
    expect(errorOf(() => read(masks))).toContain('GraphError: data: inside of vmap')
    const fixed = vmap((x: Tensor) => maskedSelect(x, tensor([true, false])))
    expect(fixed(arange(4).reshape([2, 2])).toArray()).toEqual([[0], [2]])
  })
})

test('nonzero', () => {
  expect(
    nonzero(
      tensor([
        [0, -1],
        [Number.NaN, 0],
      ]),
    ).toArray(),
  ).toEqual([
    [0, 1],
    [1, 0],
  ])
  expect(nonzero(arange(6).reshape([3, 2]).transpose()).data()).toEqual(
    Int32Array.of(0, 1, 0, 2, 1, 0, 1, 1, 1, 2),
  )
  expect(nonzero(tensor([0, 0])).shape).toEqual([0, 1])
  expect(nonzero(tensor(3)).shape).toEqual([1, 0])
  expect(nonzero(tensor([], { shape: [2, 0] })).shape).toEqual([0, 2])
  expect(tensor([1, 2], { requiresGrad: true }).nonzero().requiresGrad).toBe(false)
})

test('oneHot', () => {
  expect(oneHot(int([[1], [0]]), 2).toArray()).toEqual([[[0, 1]], [[1, 0]]])
  expect(oneHot(int(2), 4, { dtype: 'bool' }).toArray()).toEqual([false, false, true, false])
  expect(oneHot(int([0]), 2).dtype).toBe('float32')
  expect(oneHot(indicesOf([0], []), 3).shape).toEqual([0, 3])
  expect([
    errorOf(() => oneHot(int([0, 3]), 3)),
    errorOf(() => oneHot(int([-1]), 3)),
    errorOf(() => oneHot(tensor([1]), 3)),
    errorOf(() => oneHot(int([0]), 1.5)),
  ]).toMatchInlineSnapshot(`
    [
      "ArgumentError: oneHot: index 3 at [1] is outside of the classes, of size 3; indices run from 0 to 2.",
      "ArgumentError: oneHot: index -1 at [0] is outside of the classes, of size 3; indices run from 0 to 2.",
      "DTypeError: oneHot: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
      "ArgumentError: oneHot: the number of classes must be a whole number from 0 up, got 1.5.",
    ]
  `)
})

test('segmentSum', () => {
  const x = randomTensor([4, 2], 5)
  const ids = [2, 0, 2, 2]
  const sums = [0, 1, 2].map(segment =>
    [0, 1].map(column =>
      ids.reduce((all, id, row) => (id === segment ? all + x.data()[2 * row + column]! : all), 0),
    ),
  )
  expect(segmentSum(x, int(ids), 3).toArray()).toEqual(sums)
  expect(
    segmentSum(
      x,
      int([
        [0, 1],
        [1, 0],
        [0, 0],
        [1, 1],
      ]),
      2,
    ).shape,
  ).toEqual([2])
  expect(segmentSum(tensor([true, true]), int([0, 0]), 1).toArray()).toEqual([2])
  expect(segmentSum(tensor([]), indicesOf([0], []), 2).toArray()).toEqual([0, 0])
  const y = tensor([1, 2, 3], { requiresGrad: true })
  const [gradient] = gradients(
    segmentSum(y, int([1, 0, 1]), 2)
      .mul(tensor([10, 100]))
      .sum(),
    [y],
  )
  expect(gradient?.toArray()).toEqual([100, 10, 100])
  expect([
    errorOf(() => segmentSum(x, int([0, 1]), 2)),
    errorOf(() => segmentSum(x, int([0, 1, 2, 3]), 3)),
    errorOf(() => segmentSum(x, int([0, 0, 0, -1]), 3)),
    errorOf(() => segmentSum(x, int(ids), -1)),
  ]).toMatchInlineSnapshot(`
    [
      "ShapeError: segmentSum: the segment numbers [2] must have the first axes of [4, 2].",
      "ArgumentError: segmentSum: index 3 at [3] is outside of the segments, of size 3; indices run from 0 to 2.",
      "ArgumentError: segmentSum: index -1 at [3] is outside of the segments, of size 3; indices run from 0 to 2.",
      "ArgumentError: segmentSum: the number of segments must be a whole number from 0 up, got -1.",
    ]
  `)
})

test('indices may differ from example to example under vmap', () => {
  const x = arange(12).reshape([3, 4])
  const rows = int([
    [0, 2],
    [1, 1],
  ])
  const pick = vmap((i: Tensor) => at(x, i, [1, 3]))
  expect(pick(rows).toArray()).toEqual([
    [
      [1, 2],
      [9, 10],
    ],
    [
      [5, 6],
      [5, 6],
    ],
  ])
  const both = vmap((row: Tensor, i: Tensor) => take(row, i))
  expect(
    both(
      x,
      int([
        [3, 3],
        [0, 1],
        [-1, 0],
      ]),
    ).toArray(),
  ).toEqual([
    [3, 3],
    [4, 5],
    [11, 8],
  ])
  expect(vmap((i: Tensor) => oneHot(i, 3))(int([2, 0])).toArray()).toEqual([
    [0, 0, 1],
    [1, 0, 0],
  ])
})
