// Writing at indices: scatter, scatterReduce, indexAdd, indexCopy, indexFill, indexPut.
import {
  add,
  arange,
  at,
  grad,
  gradients,
  indexAdd,
  indexCopy,
  indexFill,
  indexPut,
  jvp,
  mul,
  type ScatterReduction,
  scatter,
  scatterAdd,
  scatterReduce,
  square,
  sum,
  type Tensor,
  take,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorOf, positionsOf, randomTensor } from './support.ts'

const int = (data: number | readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(data as number[], { dtype: 'int32' })

const sizeOf = (shape: readonly number[]): number => shape.reduce((all, size) => all * size, 1)

/** A tensor, indices along an axis, and a source: shapes, and for each source the row-major place that it is sent to. */
interface Sending {
  readonly shape: readonly number[]
  readonly axis: number
  readonly indices: Tensor
  readonly places: readonly number[]
}

const sendings: fc.Arbitrary<Sending> = fc.gen().map(gen => {
  const integer = (min: number, max: number): number => gen(fc.integer, { min, max })
  const shape = Array.from({ length: integer(1, 3) }, () => integer(1, 4))
  const axis = integer(0, shape.length - 1)
  const size = shape[axis]!
  const indexShape = shape.map((length, k) => (k === axis ? integer(0, 5) : integer(0, length)))
  const values = Array.from({ length: sizeOf(indexShape) }, () => integer(-size, size - 1))
  const places = [...positionsOf(indexShape)].map((position, i) =>
    shape.reduce(
      (all, length, k) => all * length + (k === axis ? (values[i]! + size) % size : position[k]!),
      0,
    ),
  )
  return { shape, axis, indices: tensor(values, { dtype: 'int32', shape: indexShape }), places }
})

/** What arrives at each place, in order, as numbers of the sources. */
function arrivals({ shape, places }: Sending): number[][] {
  const found: number[][] = Array.from({ length: sizeOf(shape) }, () => [])
  for (const [i, place] of places.entries()) found[place]!.push(i)
  return found
}

describe('scatter', () => {
  test('the last source stays, and what was displaced gets gradient 0', () => {
    fc.assert(
      fc.property(sendings, sending => {
        const { shape, axis, indices } = sending
        const [x, source] = [randomTensor(shape, 1), randomTensor(indices.shape, 2)]
        const arrived = arrivals(sending)
        const last = arrived.map(sources => sources.at(-1))
        const expected = last.map((i, place) => (i === undefined ? x.data()[place]! : source.data()[i]!))
        const f = (a: Tensor, b: Tensor): Tensor => scatter(a, axis, indices, b)
        expect(f(x, source).shape).toEqual(shape)
        expect([...f(x, source).data()]).toEqual(expected)
        const weights = randomTensor(shape, 3)
        const weighted = (both: readonly [Tensor, Tensor]): Tensor => sum(mul(f(...both), weights))
        const [gx, gs] = grad(weighted)([x, source])
        expect([...gx.data()]).toEqual(last.map((i, place) => (i === undefined ? weights.data()[place]! : 0)))
        expect([...gs.data()]).toEqual(
          Array.from({ length: source.size }, (_, i) => {
            const place = last.indexOf(i)
            return place < 0 ? 0 : weights.data()[place]!
          }),
        )
        const { tangent } = jvp((both: [Tensor, Tensor]) => f(...both), [x, source], [weights, source])
        expect([...tangent.data()]).toEqual(
          last.map((i, place) => (i === undefined ? weights.data()[place]! : source.data()[i]!)),
        )
      }),
    )
  })

  test('numbers, views, dtypes, 0-d tensors', () => {
    expect(scatter(zeros([2, 3]), 1, int([[1], [-1]]), 7).toArray()).toEqual([
      [0, 7, 0],
      [0, 0, 7],
    ])
    expect(scatter(int([1, 2]), 0, int([0]), 1.5).dtype).toBe('float32')
    expect(scatter(int([1, 2]), 0, int([0]), 5).dtype).toBe('int32')
    expect(scatter(tensor([true, true]), 0, int([1]), tensor([false])).toArray()).toEqual([true, false])
    expect(scatter(tensor(3), 0, int(0), 4).toArray()).toBe(4)
    const x = arange(6).reshape([2, 3])
    expect(scatter(x.transpose(), 0, int([[0, 0]]), tensor([[8, 9]])).toArray()).toEqual([
      [8, 9],
      [1, 4],
      [2, 5],
    ])
    expect(x.toArray()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
  })

  test('NaN and infinity that were displaced leave no trace', () => {
    const source = tensor([Number.NaN, 2], { requiresGrad: true })
    const y = scatter(tensor([Infinity, 1]), 0, int([0, 0]), source)
    expect(y.toArray()).toEqual([2, 1])
    y.square().sum().backward()
    expect(source.grad?.toArray()).toEqual([0, 4])
  })

  test('mistakes are named', () => {
    const x = arange(6).reshape([2, 3])
    expect([
      errorOf(() => scatter(x, 0, int([0]), 1)),
      errorOf(() => scatter(x, 1, int([[0], [0], [0]]), 1)),
      errorOf(() => scatter(x, 1, int([[3]]), 1)),
      errorOf(() => scatter(x, 1, int([[0, 1]]), tensor([[1, 2, 3]]))),
      errorOf(() => scatter(x, 1, tensor([[0]]), 1)),
      errorOf(() => scatter(x, 2, int([[0]]), 1)),
    ]).toMatchInlineSnapshot(`
      [
        "ShapeError: scatter: indices of shape [1] do not fit [2, 3] along axis 0; the rank must be the same and no other size larger.",
        "ShapeError: scatter: indices of shape [3, 1] do not fit [2, 3] along axis 1; the rank must be the same and no other size larger.",
        "ArgumentError: scatter: index 3 at [0, 0] is outside of axis 1 of [2, 3], of size 3; indices run from -3 to 2.",
        "ShapeError: scatter: the source [1, 3] does not fill the indices [1, 2]; the shapes must be equal, or the source must broadcast.",
        "DTypeError: scatter: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
        "AxisError: scatter: axis 2 is outside of a tensor of rank 2; axes run from -2 to 1.",
      ]
    `)
  })
})

describe('scatterReduce', () => {
  const join: Readonly<Record<ScatterReduction, (values: readonly number[]) => number>> = {
    sum: values => values.reduce((all, value) => all + value, 0),
    mean: values => values.reduce((all, value) => all + value, 0) / values.length,
    prod: values => values.reduce((all, value) => all * value, 1),
    amax: values => Math.max(...values),
    amin: values => Math.min(...values),
  }
  const reductions = Object.keys(join) as ScatterReduction[]
  const each = reductions.flatMap(reduction => [true, false].map(includeSelf => ({ reduction, includeSelf })))

  test.each(each)('$reduction, includeSelf $includeSelf: values, and derivatives of its formula', options => {
    const { reduction, includeSelf } = options
    fc.assert(
      fc.property(sendings, sending => {
        const { shape, axis, indices } = sending
        const [x, source] = [randomTensor(shape, 1), randomTensor(indices.shape, 2)]
        const arrived = arrivals(sending)
        /** At each place the factors, as [own element?, number]. */
        const parts = arrived.map((sources, place) => [
          ...(includeSelf || sources.length === 0 ? [{ own: true, i: place }] : []),
          ...sources.map(i => ({ own: false, i })),
        ])
        const value = ({ own, i }: { own: boolean; i: number }): number => (own ? x : source).data()[i]!
        const close = (found: ArrayLike<number>, expected: readonly number[]): void => {
          expect(found.length).toBe(expected.length)
          for (const [i, e] of expected.entries())
            expect(Math.abs(found[i]! - e)).toBeLessThanOrEqual(1e-13 * (1 + Math.abs(e)))
        }
        const f = (a: Tensor, b: Tensor): Tensor =>
          scatterReduce(a, axis, indices, b, reduction, { includeSelf })
        const expected = parts.map(list => join[reduction](list.map(value)))
        close(f(x, source).data(), expected)

        const weights = randomTensor(shape, 3)
        const [gx, gs] = grad((both: readonly [Tensor, Tensor]) => sum(mul(f(...both), weights)))([x, source])
        const expectedX = new Array<number>(x.size).fill(0)
        const expectedSource = new Array<number>(source.size).fill(0)
        for (const [place, list] of parts.entries()) {
          for (const [k, part] of list.entries()) {
            const others = list.filter((_, other) => other !== k).map(value)
            const slope = {
              sum: 1,
              mean: 1 / list.length,
              prod: join.prod(others),
              amax: value(part) === expected[place] ? 1 : 0,
              amin: value(part) === expected[place] ? 1 : 0,
            }[reduction]
            const target = part.own ? expectedX : expectedSource
            target[part.i]! += slope * weights.data()[place]!
          }
        }
        close(gx.data(), expectedX)
        close(gs.data(), expectedSource)
        // Forward mode is the same linear map: <weights, tangent> = <gradients, directions>.
        const [dx, ds] = [randomTensor(shape, 4), randomTensor(indices.shape, 5)]
        const { tangent } = jvp((both: [Tensor, Tensor]) => f(...both), [x, source], [dx, ds])
        const left = sum(mul(weights, tangent)).item()
        close([left], [add(sum(mul(gx, dx)), sum(mul(gs, ds))).item()])
      }),
    )
  })

  test('the derivative of prod is exact with zeros, in second order too', () => {
    const source = tensor([0, 3, 0, 5, 7], { dtype: 'float64', requiresGrad: true })
    const x = tensor([2, 1], { dtype: 'float64', requiresGrad: true })
    const indices = int([0, 0, 0, 1, 0])
    const y = scatterReduce(x, 0, indices, source, 'prod')
    expect(y.toArray()).toEqual([0, 5])
    const [gx, gs] = gradients(sum(y), [x, source], { createGraph: true })
    expect([gx!.toArray(), gs!.toArray()]).toEqual([
      [0, 5],
      [0, 0, 0, 1, 0],
    ])
    // d²/ds0 ds2 of 2 s0 s1 s2 s4 is 2 * 3 * 7.
    const [second] = gradients(take(gs!, int([0])).sum(), [source])
    expect(second!.toArray()).toEqual([0, 0, 42, 0, 0])
  })

  test('equals share, and NaN is the extreme of all', () => {
    const x = tensor([3, 0, 5], { requiresGrad: true })
    const source = tensor([3, 3, 1], { requiresGrad: true })
    const y = scatterReduce(x, 0, int([0, 0, 0]), source, 'amax')
    y.mul(tensor([3, 10, 100]))
      .sum()
      .backward()
    expect([x.grad?.toArray(), source.grad?.toArray()]).toEqual([
      [1, 10, 100],
      [1, 1, 0],
    ])
    const alone = scatterReduce(x, 0, int([0, 0, 0]), source, 'amax', { includeSelf: false })
    const [gx, gs] = gradients(alone.mul(tensor([3, 10, 100])).sum(), [x, source])
    expect([gx!.toArray(), gs!.toArray()]).toEqual([
      [0, 10, 100],
      [1.5, 1.5, 0],
    ])
    const hole = tensor([Number.NaN, 1])
    expect(scatterReduce(hole, 0, int([0, 1]), tensor([2, 2]), 'amax').toArray()).toEqual([Number.NaN, 2])
    expect(
      scatterReduce(hole, 0, int([0, 1]), tensor([2, Number.NaN]), 'amin', { includeSelf: false }).toArray(),
    ).toEqual([2, Number.NaN])
    const untouched = tensor([Number.NaN, 1], { requiresGrad: true })
    scatterReduce(untouched, 0, int([1]), tensor([2]), 'amin')
      .sum()
      .backward()
    expect(untouched.grad?.toArray()).toEqual([1, 1])
  })

  test('sum is scatterAdd, whole numbers stay whole, empty sources change nothing', () => {
    const [x, indices, source] = [int([[1, 2]]), int([[0, 0, 1]]), int([[5, 6, 7]])]
    for (const reduction of ['sum', 'prod', 'amax', 'amin'] as const)
      expect(scatterReduce(x, 1, indices, source, reduction).dtype).toBe('int32')
    expect(scatterReduce(x, 1, indices, source, 'sum').toArray()).toEqual(
      scatterAdd(x, 1, indices, source).toArray(),
    )
    expect(x.scatterReduce(1, indices, source, 'prod').toArray()).toEqual([[30, 14]])
    const none = tensor([], { dtype: 'int32', shape: [0] })
    for (const reduction of reductions)
      expect(
        scatterReduce(tensor([1, 2]), 0, none, tensor([]), reduction, { includeSelf: false }).toArray(),
      ).toEqual([1, 2])
  })

  test('mistakes are named', () => {
    expect([
      errorOf(() => scatterReduce(tensor([1]), 0, int([0]), 1, 'multiply' as 'prod')),
      errorOf(() => scatterReduce(tensor([1]), 0, int([1]), 1, 'prod')),
    ]).toMatchInlineSnapshot(`
      [
        "ArgumentError: scatterReduce: there is no reduction 'multiply'; use sum, mean, prod, amax, amin.",
        "ArgumentError: scatterReduce: index 1 at [0] is outside of axis 0 of [1], of size 1; indices run from -1 to 0.",
      ]
    `)
  })
})

describe('indexAdd, indexCopy and indexFill', () => {
  test('work on slices along an axis', () => {
    const x = arange(6).reshape([2, 3])
    const source = tensor([
      [10, 20, 30],
      [40, 50, 60],
    ])
    expect(indexAdd(x, 1, int([2, 0, 2]), source).toArray()).toEqual([
      [20, 1, 42],
      [53, 4, 105],
    ])
    expect(indexAdd(x, 0, int([-1, 1]), 1).toArray()).toEqual([
      [0, 1, 2],
      [5, 6, 7],
    ])
    expect(x.indexCopy(1, int([2, 0, 2]), source).toArray()).toEqual([
      [20, 1, 30],
      [50, 4, 60],
    ])
    expect(x.indexFill(1, int([0, -1]), 9).toArray()).toEqual([
      [9, 1, 9],
      [9, 4, 9],
    ])
    expect(indexFill(x, 0, int(1), 9).toArray()).toEqual([
      [0, 1, 2],
      [9, 9, 9],
    ])
    const none = tensor([], { dtype: 'int32', shape: [0] })
    expect(indexAdd(x, 1, none, zeros([2, 0])).toArray()).toEqual(x.toArray())
  })

  test('send gradients to what stays', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const source = tensor([4, 5], { requiresGrad: true })
    const weights = tensor([1, 10, 100])
    const gradient = (y: Tensor, ...of: Tensor[]): unknown[] =>
      gradients(y.mul(weights).sum(), of).map(g => g.toArray())
    expect(gradient(indexAdd(x, 0, int([1, 1]), source), x, source)).toEqual([
      [1, 10, 100],
      [10, 10],
    ])
    expect(gradient(indexCopy(x, 0, int([1, 1]), source), x, source)).toEqual([
      [1, 0, 100],
      [0, 10],
    ])
    const value = tensor(7, { requiresGrad: true })
    expect(gradient(indexFill(x, 0, int([0, 2, 2]), value), x, value)).toEqual([[0, 10, 0], 101])
  })

  test('mistakes are named', () => {
    const x = arange(6).reshape([2, 3])
    expect([
      errorOf(() => indexAdd(x, 1, int([0]), zeros([2, 2]))),
      errorOf(() => indexAdd(x, 1, int([3]), 1)),
      errorOf(() => indexCopy(x, 0, int([[0]]), zeros([1, 3]))),
      errorOf(() => indexFill(x, 0, int([0]), tensor([1]))),
      errorOf(() => indexFill(x, 0, tensor([0]), 1)),
    ]).toMatchInlineSnapshot(`
      [
        "ShapeError: indexAdd: the source [2, 2] does not fill the indexed part [2, 1]; the shapes must be equal, or the source must broadcast.",
        "ArgumentError: indexAdd: index 3 at [0] is outside of axis 1 of [2, 3], of size 3; indices run from -3 to 2.",
        "ShapeError: indexCopy: the indices must be a list, got shape [1, 1].",
        "ShapeError: indexFill: takes a number or a 0-d tensor, got [1]; indexCopy takes one slice for each index.",
        "DTypeError: indexFill: indices must be int32, got float32; make them with { dtype: 'int32' } or cast('int32').",
      ]
    `)
  })
})

describe('indexPut', () => {
  test('writes where at reads', () => {
    const x = arange(12).reshape([3, 4])
    const indices = [int([[2], [0]]), [1, 3]] as const
    const values = randomTensor([2, 1, 2], 1)
    const put = indexPut(x, indices, values)
    expect(at(put, ...indices).toArray()).toEqual(values.toArray())
    expect(at(put, 1).toArray()).toEqual([4, 5, 6, 7])
    expect(x.indexPut([null, 1], -1).toArray()).toEqual([
      [0, -1, 2, 3],
      [4, -1, 6, 7],
      [8, -1, 10, 11],
    ])
    expect(indexPut(x, [x.greater(8)], 0).toArray()).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 0, 0, 0],
    ])
    expect(
      indexPut(x.transpose(), [0], tensor([7, 8, 9]))
        .toArray()
        ?.valueOf(),
    ).toEqual([
      [7, 8, 9],
      [1, 5, 9],
      [2, 6, 10],
      [3, 7, 11],
    ])
  })

  test('repeated indices: the last one stays, or all are added; values broadcast', () => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const values = tensor([10, 20], { requiresGrad: true })
    const weights = tensor([1, 10, 100])
    const run = (accumulate: boolean): unknown[] => {
      const y = indexPut(x, [int([1, 1])], values, { accumulate })
      return [y.toArray(), ...gradients(y.mul(weights).sum(), [x, values]).map(g => g.toArray())]
    }
    expect(run(false)).toEqual([
      [1, 20, 3],
      [1, 0, 100],
      [0, 10],
    ])
    expect(run(true)).toEqual([
      [1, 32, 3],
      [1, 10, 100],
      [10, 10],
    ])
    const one = tensor([5], { requiresGrad: true })
    const [gradient] = gradients(square(indexPut(x, [int([0, 2, 0])], one, { accumulate: true })).sum(), [
      one,
    ])
    // (1 + 2 v)² + (3 + v)² at v = 5: 4 (1 + 10) + 2 (3 + 5).
    expect(gradient!.toArray()).toEqual([60])
  })

  test('under vmap indices and values may differ from example to example', () => {
    const put = vmap((x: Tensor, i: Tensor, v: Tensor) => indexPut(x, [i], v))
    expect(
      put(
        zeros([2, 3]),
        int([
          [0, 1],
          [2, 2],
        ]),
        tensor([
          [1, 2],
          [3, 4],
        ]),
      ).toArray(),
    ).toEqual([
      [1, 2, 0],
      [0, 0, 4],
    ])
    const sent = vmap((i: Tensor) => scatterReduce(tensor([1, 2]), 0, i, tensor([3, 4]), 'prod'))
    expect(
      sent(
        int([
          [0, 0],
          [1, 0],
        ]),
      ).toArray(),
    ).toEqual([
      [12, 2],
      [4, 6],
    ])
  })

  test('mistakes are named', () => {
    const x = arange(6).reshape([2, 3])
    expect([
      errorOf(() => indexPut(x, [int([0, 2])], 1)),
      errorOf(() => indexPut(x, [int([0, 1])], tensor([1, 2]))),
      errorOf(() => indexPut(x, int([0]) as never, 1)),
    ]).toMatchInlineSnapshot(`
      [
        "ArgumentError: indexPut: index 2 at [1] is outside of axis 0 of [2, 3], of size 2; indices run from -2 to 1.",
        "ShapeError: indexPut: the source [2] does not fill the indexed part [2, 3]; the shapes must be equal, or the source must broadcast.",
        "ArgumentError: indexPut: takes an array of indices, as at does, got a tensor of shape [1].",
      ]
    `)
  })
})
