// Ops that repeat, part, move and turn axes, or pick diagonals and triangles: against positions written out.
import {
  arange,
  broadcastTensors,
  chunk,
  concat,
  diag,
  diagonal,
  diagonalEmbed,
  flatten,
  foldImages,
  gradients,
  meshgrid,
  moveAxis,
  ones,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  reduceAxes,
  repeat,
  repeatAxes,
  repeatInterleave,
  roll,
  rot90,
  split,
  stack,
  swapAxes,
  type Tensor,
  tensor,
  tile,
  trace,
  tril,
  triu,
  unbind,
  unfold,
  unfoldImages,
  vmap,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { at, errorOf, positionsOf, randomTensor } from './support.ts'

const x = arange(24).reshape([2, 3, 4])
const shapesOf = (tensors: readonly Tensor[]): unknown => tensors.map(y => y.shape)
const modulo = (a: number, b: number): number => ((a % b) + b) % b

/** Every element of `got` is the element of `from` at the position that `source` names. */
function expectMoved(got: Tensor, from: Tensor, source: (position: number[]) => number[]): void {
  for (const position of positionsOf(got.shape)) expect(at(got, position)).toBe(at(from, source(position)))
}

describe('repeat, tile, repeatInterleave', () => {
  test('repeat whole axes', () => {
    const times = repeat(x, [1, 2, 3])
    expect(times.shape).toEqual([2, 6, 12])
    expectMoved(times, x, ([i, j, k]) => [i!, j! % 3, k! % 4])
    expect(repeat(tensor([1, 2]), 2).toArray()).toEqual([1, 2, 1, 2])
    expect(repeat(tensor([1, 2]), [2, 1, 2]).shape).toEqual([2, 1, 4])
    expect(repeat(tensor(7), [2, 2]).toArray()).toEqual([
      [7, 7],
      [7, 7],
    ])
    expect(repeat(tensor([1, 2]), [0]).shape).toEqual([0])
    expect(repeat(tensor(7), []).item()).toBe(7)
    expect(repeat(tensor([true]), [2]).toArray()).toEqual([true, true])
  })

  test('tile fills up missing counts', () => {
    expect(tile(x, [2]).toArray()).toEqual(repeat(x, [1, 1, 2]).toArray())
    expect(tile(tensor([1]), [2, 3]).shape).toEqual([2, 3])
    expect(tile(x, []).toArray()).toEqual(x.toArray())
  })

  test('repeatInterleave repeats one by one, as often as said', () => {
    expect(
      repeatInterleave(
        tensor([
          [1, 2],
          [3, 4],
        ]),
        2,
      ).toArray(),
    ).toEqual([1, 1, 2, 2, 3, 3, 4, 4])
    expectMoved(repeatInterleave(x, 3, 1), x, ([i, j, k]) => [i!, Math.floor(j! / 3), k!])
    expect(repeatInterleave(x, [2, 0, 1], -2).toArray()).toEqual(
      stack([x.slice(null, 0), x.slice(null, 0), x.slice(null, 2)], 1).toArray(),
    )
    expect(repeatInterleave(tensor([5, 6]), tensor([1, 2], { dtype: 'int32' })).toArray()).toEqual([5, 6, 6])
    expect(repeatInterleave(tensor([5, 6]), [0, 0]).shape).toEqual([0])
    expect(repeatInterleave(tensor(3), 2).toArray()).toEqual([3, 3])
  })

  test('the gradient is the sum over the copies', () => {
    const y = tensor([1, 2], { requiresGrad: true })
    const weighted = (z: Tensor): unknown =>
      gradients(z.mul(tensor(Array.from({ length: z.size }, (_, i) => 10 ** i))).sum(), [y])[0]!.toArray()
    expect(weighted(repeat(y, [2]))).toEqual([101, 1010])
    expect(weighted(repeatInterleave(y, 2))).toEqual([11, 1100])
    expect(weighted(repeatInterleave(y, [3, 1]))).toEqual([111, 1000])
  })

  test('refuse other counts', () => {
    expect(errorOf(() => repeat(x, [2]))).toBe(
      'ArgumentError: repeat: needs a whole number from 0 up for each axis of [2, 3, 4], got [2]; tile takes 1 for axes in front that have none.',
    )
    expect(errorOf(() => tile(x, [-1]))).toBe(
      'ArgumentError: tile: needs a whole number from 0 up for each axis of [2, 3, 4], got [-1].',
    )
    expect(errorOf(() => repeatInterleave(x, [1, 2], 0.5))).toContain('AxisError')
    expect(errorOf(() => repeatInterleave(x, [1, 2], 1))).toBe(
      'ArgumentError: repeatInterleave: needs one whole number from 0 up, or one for each of 3 along axis 1 of [2, 3, 4]; got [1,2].',
    )
    expect(errorOf(() => repeatInterleave(x, -1))).toContain('from 0 up')
  })
})

describe('split, chunk, unbind', () => {
  test('are views that lie side by side', () => {
    const parts = split(x, 3, -1)
    expect(shapesOf(parts)).toEqual([
      [2, 3, 3],
      [2, 3, 1],
    ])
    expect(parts.every(part => part.storage === x.storage)).toBe(true)
    expect(shapesOf(split(x, [2, 0, 1], 1))).toEqual([
      [2, 2, 4],
      [2, 0, 4],
      [2, 1, 4],
    ])
    expect(split(arange(5), [1, 4])[1]?.toArray()).toEqual([1, 2, 3, 4])
    expect(shapesOf(split(zeros([0, 2]), 3))).toEqual([[0, 2]])
    expect(shapesOf(split(zeros([0]), 0))).toEqual([[0]])
  })

  test('chunks are at most as many as asked', () => {
    expect(shapesOf(chunk(arange(5), 3))).toEqual([[2], [2], [1]])
    expect(shapesOf(chunk(arange(5), 4))).toEqual([[2], [2], [1]])
    expect(shapesOf(chunk(arange(2), 5))).toEqual([[1], [1]])
    expect(shapesOf(chunk(zeros([0]), 2))).toEqual([[0], [0]])
    expect(shapesOf(chunk(x, 2, -1))).toEqual([
      [2, 3, 2],
      [2, 3, 2],
    ])
  })

  test('many parts are the same as few', () => {
    const y = randomTensor([3, 13], 4)
    y.requiresGrad = true
    const sizes = [1, 0, 2, 3, 0, 1, 4, 1, 1]
    const parts = split(y, sizes, 1)
    expect(shapesOf(parts)).toEqual(sizes.map(size => [3, size]))
    expect(concat(parts, 1).toArray()).toEqual(y.toArray())
    const weights = randomTensor([3, 13], 5)
    const total = split(weights, sizes, 1).reduce<Tensor>(
      (sum, weight, i) => sum.add(parts[i]!.mul(weight).sum()),
      tensor(0, { dtype: 'float64' }),
    )
    expect(gradients(total, [y])[0]!.toArray()).toEqual(weights.toArray())
  })

  test('unbind undoes stack', () => {
    for (const axis of [0, 1, -1]) {
      expect(stack(unbind(x, axis), axis).toArray()).toEqual(x.toArray())
    }
    expect(unbind(zeros([0, 2]))).toEqual([])
  })

  test('every part gets its own gradient', () => {
    const y = tensor([1, 2, 3], { requiresGrad: true })
    const [first, second] = split(y, [1, 2])
    first!.mul(5).sum().add(second!.square().sum()).backward()
    expect(y.grad?.toArray()).toEqual([5, 4, 6])
  })

  test('refuse what does not add up', () => {
    expect(errorOf(() => split(arange(5), [2, 2]))).toBe(
      'ArgumentError: split: needs a size from 1 up, or sizes that add up to the 5 of axis 0 of [5]; got [2,2].',
    )
    expect(errorOf(() => split(arange(5), 0))).toContain('got 0')
    expect(errorOf(() => split(arange(5), [6, -1]))).toContain('got [6,-1]')
    expect(errorOf(() => chunk(arange(5), 0))).toBe(
      'ArgumentError: chunk: the count must be a whole number from 1 up, got 0.',
    )
    expect(errorOf(() => unbind(tensor(1)))).toBe(
      'AxisError: unbind: axis 0 is outside of a tensor of rank 0; a 0-d tensor has no axes.',
    )
  })
})

describe('roll', () => {
  test('moves every element by the sum of its shifts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -3, max: 2 })), {
          maxLength: 3,
        }),
        pairs => {
          const rolled = roll(
            x,
            pairs.map(([shift]) => shift),
            pairs.map(([, axis]) => axis),
          )
          const total = [0, 0, 0]
          for (const [shift, axis] of pairs) total[modulo(axis, 3)]! += shift
          expect(rolled.shape).toEqual([2, 3, 4])
          expectMoved(rolled, x, position => position.map((i, k) => modulo(i - total[k]!, [2, 3, 4][k]!)))
        },
      ),
      { numRuns: 40 },
    )
  })

  test('without axes, as one row', () => {
    expect([...roll(x, 5).data()]).toEqual(Array.from({ length: 24 }, (_, i) => modulo(i - 5, 24)))
    expect(roll(x, -30).shape).toEqual([2, 3, 4])
    expect(roll(zeros([0, 2]), 3, 1).shape).toEqual([0, 2])
    expect(roll(zeros([0, 2]), 3).shape).toEqual([0, 2])
    expect(roll(tensor(3), 1).item()).toBe(3)
  })

  test('refuses shifts without their axes', () => {
    expect(errorOf(() => roll(x, [1, 2], 0))).toBe(
      'ArgumentError: roll: needs one whole number for each axis, got shifts [1,2] and axes 0; without axes one shift rolls all elements as one row.',
    )
    expect(errorOf(() => roll(x, [1, 2]))).toContain('axes none')
    expect(errorOf(() => roll(x, 0.5, 0))).toContain('got shifts 0.5')
    expect(errorOf(() => roll(x, 1, 3))).toContain('AxisError: roll: axis 3')
  })
})

describe('rot90, moveAxis, swapAxes, flatten', () => {
  test('a quarter turn sends the last column to the first row', () => {
    const y = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(rot90(y).toArray()).toEqual([
      [3, 6],
      [2, 5],
      [1, 4],
    ])
    expect(rot90(y, -1).toArray()).toEqual([
      [4, 1],
      [5, 2],
      [6, 3],
    ])
    expect(rot90(y, 6).toArray()).toEqual([
      [6, 5, 4],
      [3, 2, 1],
    ])
    expect(rot90(y, 4).toArray()).toEqual(y.toArray())
    expect(rot90(y, 1, [1, 0]).toArray()).toEqual(rot90(y, 3).toArray())
    expect(rot90(x, 1, [0, -1]).shape).toEqual([4, 3, 2])
    expect(rot90(y).storage).toBe(y.storage)
  })

  test('axes go where they are sent', () => {
    const y = zeros([2, 3, 4, 5])
    expect(moveAxis(y, 0, -1).shape).toEqual([3, 4, 5, 2])
    expect(moveAxis(y, -1, 1).shape).toEqual([2, 5, 3, 4])
    expect(moveAxis(y, [0, 1], [-1, 0]).shape).toEqual([3, 4, 5, 2])
    expect(moveAxis(y, [3, 0], [0, 2]).shape).toEqual([5, 3, 2, 4])
    expect(moveAxis(y, [], []).shape).toEqual([2, 3, 4, 5])
    expect(swapAxes(y, 1, -1).shape).toEqual([2, 5, 4, 3])
    expect(swapAxes(y, 2, 2).shape).toEqual([2, 3, 4, 5])
    expectMoved(swapAxes(x, 0, 2), x, ([i, j, k]) => [k!, j!, i!])
  })

  test('are typed where an axis is a literal', () => {
    const y = zeros([2, 3, 4])
    const axis = 1 as number
    expectTypeOf(swapAxes(y, 0, -1)).toEqualTypeOf<Tensor<[4, 3, 2]>>()
    expectTypeOf(y.swapAxes(-3, 1)).toEqualTypeOf<Tensor<[3, 2, 4]>>()
    expectTypeOf(swapAxes(y, 0, axis)).toEqualTypeOf<Tensor<[number, number, number]>>()
    expectTypeOf(swapAxes(y as Tensor, 0, 1)).toEqualTypeOf<Tensor>()
    expectTypeOf(moveAxis(y, 0, 1)).toEqualTypeOf<Tensor<[number, number, number]>>()
    expectTypeOf(tril(y)).toEqualTypeOf<Tensor<[2, 3, 4]>>()
    expectTypeOf(roll(y, 1, 0)).toEqualTypeOf<Tensor<[2, 3, 4]>>()
    expectTypeOf(flatten(y)).toEqualTypeOf<Tensor<[number]>>()
    expectTypeOf(y.flatten(1)).toEqualTypeOf<Tensor>()
  })

  test('flatten joins neighbours', () => {
    expect(
      shapesOf([flatten(x), flatten(x, 1), flatten(x, 0, 1), flatten(x, -2, -2), flatten(tensor(1))]),
    ).toEqual([[24], [2, 12], [6, 4], [2, 3, 4], [1]])
    expect(x.flatten(1).shape).toEqual([2, 12])
    expect(errorOf(() => flatten(x, 2, 0))).toBe(
      'AxisError: flatten: axis 0 comes before axis 2; the start is first.',
    )
  })

  test('refuse what is no plane, no axis, no pair', () => {
    expect(errorOf(() => rot90(x, 1, [1, -2]))).toBe('AxisError: rot90: a plane has two axes, got [1, -2].')
    expect(errorOf(() => rot90(x, 0.5))).toContain('whole number of quarter turns')
    expect(errorOf(() => rot90(tensor([1])))).toContain('AxisError')
    expect(errorOf(() => moveAxis(x, [0, 1], [0]))).toBe(
      'ArgumentError: moveAxis: needs a position for each axis, got [0,1] to [0].',
    )
    expect(errorOf(() => moveAxis(x, [0, -3], [0, 1]))).toContain('named twice')
    expect(errorOf(() => swapAxes(x, 0, 3))).toContain('AxisError: swapAxes: axis 3')
  })
})

describe('triangles', () => {
  test('keep one side of a diagonal', () => {
    fc.assert(
      fc.property(fc.integer({ min: -4, max: 5 }), offset => {
        const [lower, upper] = [tril(x, offset), triu(x, offset)]
        for (const position of positionsOf([2, 3, 4])) {
          const [, i, j] = position as [number, number, number]
          expect(at(lower, position)).toBe(j - i <= offset ? at(x, position) : 0)
          expect(at(upper, position)).toBe(j - i >= offset ? at(x, position) : 0)
        }
      }),
    )
  })

  test('dtypes, empty matrices, what is masked leaves no trace', () => {
    expect(tril(tensor([[true, true]])).toArray()).toEqual([[true, false]])
    expect(triu(tensor([[1, 2]], { dtype: 'int32' })).dtype).toBe('int32')
    expect(tril(zeros([2, 0, 3])).shape).toEqual([2, 0, 3])
    const y = tensor(
      [
        [1, 0],
        [0, 1],
      ],
      { requiresGrad: true },
    )
    tril(y.log()).sum().backward()
    expect(y.grad?.toArray()).toEqual([
      [1, 0],
      [Infinity, 1],
    ])
  })

  test('refuse vectors', () => {
    expect(errorOf(() => tril(tensor([1])))).toBe(
      'AxisError: tril: needs matrices, so at least two axes; got rank 1.',
    )
    expect(errorOf(() => triu(x, 0.5))).toBe(
      'ArgumentError: triu: the diagonal must be a whole number, got 0.5.',
    )
  })
})

describe('diagonals', () => {
  test('of any two axes, above and below', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -5, max: 5 }),
        fc.constantFrom([0, 1], [1, 0], [-1, 0], [1, 2], [2, 1]),
        (offset, axes) => {
          const [row, column] = axes.map(axis => modulo(axis, 3)) as [number, number]
          const rest = [0, 1, 2].find(k => k !== row && k !== column)!
          const shape = x.shape as readonly number[]
          const found = diagonal(x, { offset, axes: axes as [number, number] })
          const places = [...positionsOf([shape[row]!, shape[column]!])].filter(
            ([i, j]) => j! - i! === offset,
          )
          expect(found.shape).toEqual([shape[rest], places.length])
          expectMoved(found, x, ([other, k]) => {
            const position = [0, 0, 0]
            position[rest] = other!
            position[row] = places[k!]![0]!
            position[column] = places[k!]![1]!
            return position
          })
        },
      ),
    )
  })

  test('diagonalEmbed and diagonal undo each other', () => {
    for (const offset of [-2, 0, 1]) {
      for (const axes of [
        [-2, -1],
        [0, 2],
        [2, 0],
      ] as const) {
        const y = randomTensor([2, 3], 1)
        const embedded = diagonalEmbed(y, { offset, axes })
        expect(embedded.shape).toEqual(
          [0, 1, 2].map(k => (axes.some(axis => modulo(axis, 3) === k) ? 3 + Math.abs(offset) : 2)),
        )
        expect(diagonal(embedded, { offset, axes }).toArray()).toEqual(y.toArray())
        expect(embedded.sum().item()).toBeCloseTo(y.sum().item(), 12)
      }
    }
  })

  test('diag goes both ways, trace sums', () => {
    expect(diag(tensor([1, 2]), -1).toArray()).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [0, 2, 0],
    ])
    expect(diag(diag(tensor([1, 2]), 3), 3).toArray()).toEqual([1, 2])
    expect(diag(zeros([0])).shape).toEqual([0, 0])
    expect(trace(x).toArray()).toEqual([0 + 5 + 10, 12 + 17 + 22])
    expect(
      trace(
        tensor([
          [1, 2],
          [3, 4],
        ]),
        1,
      ).item(),
    ).toBe(2)
    expect(
      trace(
        tensor([
          [true, false],
          [false, true],
        ]),
      ).item(),
    ).toBe(2)
  })

  test('refuse other ranks', () => {
    expect(errorOf(() => diag(x))).toBe(
      'AxisError: diag: takes a vector or a matrix, got rank 3; diagonal and diagonalEmbed take batches.',
    )
    expect(errorOf(() => diagonal(tensor([1])))).toBe(
      'AxisError: diagonal: needs matrices, so at least two axes; got rank 1.',
    )
    expect(errorOf(() => diagonal(x, { axes: [1, -2] }))).toBe(
      'AxisError: diagonal: rows and columns must be two axes, got [1, -2].',
    )
    expect(errorOf(() => diagonal(x, { offset: 0.5 }))).toContain('whole number')
    expect(errorOf(() => diagonal(x, { axes: 1 as never }))).toContain('axes are a pair')
    expect(errorOf(() => diagonalEmbed(tensor(1)))).toContain('got a 0-d tensor')
  })
})

describe('grids, common shapes, pixels', () => {
  test('meshgrid', () => {
    const [a, b, c] = [tensor([1, 2]), tensor([3, 4, 5]), tensor(6)]
    expect(shapesOf(meshgrid([a, b, c]))).toEqual([
      [2, 3, 1],
      [2, 3, 1],
      [2, 3, 1],
    ])
    expect(shapesOf(meshgrid([a, b, c], { indexing: 'xy' }))).toEqual([
      [3, 2, 1],
      [3, 2, 1],
      [3, 2, 1],
    ])
    const [rows, columns] = meshgrid([a, b], { indexing: 'xy' })
    expect(rows?.toArray()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ])
    expect(columns?.toArray()).toEqual([
      [3, 3],
      [4, 4],
      [5, 5],
    ])
    expect(meshgrid([a], { indexing: 'xy' })[0]?.toArray()).toEqual([1, 2])
    expect(meshgrid([])).toEqual([])
    expect(rows?.storage).toBe(a.storage)
    expect(errorOf(() => meshgrid([x]))).toBe(
      'ShapeError: meshgrid: takes vectors and numbers, got [2, 3, 4]; flatten it first.',
    )
    expect(errorOf(() => meshgrid([a], { indexing: 'yx' as never }))).toBe(
      "ArgumentError: meshgrid: indexing is 'ij' or 'xy', got \"yx\".",
    )
    expect(errorOf(() => meshgrid(a as never))).toContain('takes an array of vectors')
  })

  test('broadcastTensors', () => {
    expect(shapesOf(broadcastTensors(ones([3, 1]), ones([4]), tensor(1)))).toEqual([
      [3, 4],
      [3, 4],
      [3, 4],
    ])
    expect(broadcastTensors()).toEqual([])
    expect(errorOf(() => broadcastTensors(ones([3]), ones([4])))).toContain(
      'ShapeError: broadcastTensors: cannot broadcast [3] with [4]',
    )
  })

  test('pixelShuffle puts channel (c r + i) r + j at row i, column j of each block', () => {
    const y = randomTensor([2, 3 * 4, 2, 5], 3)
    const shuffled = pixelShuffle(y, 2)
    expect(shuffled.shape).toEqual([2, 3, 4, 10])
    expectMoved(shuffled, y, ([n, c, i, j]) => [
      n!,
      (c! * 2 + (i! % 2)) * 2 + (j! % 2),
      Math.floor(i! / 2),
      Math.floor(j! / 2),
    ])
    expect(pixelUnshuffle(shuffled, 2).toArray()).toEqual(y.toArray())
    expect(pixelShuffle(ones([9, 1, 1]), 3).shape).toEqual([1, 3, 3])
    expect(errorOf(() => pixelShuffle(ones([3, 1, 1]), 2))).toBe(
      'ShapeError: pixelShuffle: 3 channels of [3, 1, 1] are no multiple of 4, the pixels of a 2 by 2 block.',
    )
    expect(errorOf(() => pixelUnshuffle(ones([1, 2, 3]), 2))).toBe(
      'ShapeError: pixelUnshuffle: height and width of [1, 2, 3] must be multiples of 2, the side of a block.',
    )
    expect(errorOf(() => pixelShuffle(ones([4, 1]), 2))).toContain('takes images')
    expect(errorOf(() => pixelUnshuffle(ones([4, 1, 1]), 0))).toContain('the factor must be')
  })
})

test.each<[string, (y: Tensor) => Tensor]>([
  ['repeat', y => repeat(y, [2, 3])],
  ['repeatInterleave', y => repeatInterleave(y, [2, 0, 1], 0)],
  ['split', y => split(y, 2, 1)[1]!],
  ['unbind', y => unbind(y, 1)[2]!],
  ['roll', y => roll(y, [1, 2], [0, 1])],
  ['roll as a row', y => roll(y, 5)],
  ['rot90', y => rot90(y)],
  ['moveAxis', y => moveAxis(y, 0, 1)],
  ['tril', y => tril(y, 1)],
  ['diagonal', y => diagonal(y, { offset: -1 })],
  ['diagonalEmbed', y => diagonalEmbed(y, { offset: 1, axes: [0, 2] })],
  ['flatten', y => flatten(y)],
  [
    'pad',
    y =>
      pad(
        y,
        [
          [1, 0],
          [2, 1],
        ],
        3,
      ),
  ],
  [
    'pad, reflect',
    y =>
      pad(
        y,
        [
          [1, 0],
          [2, 1],
        ],
        { mode: 'reflect' },
      ),
  ],
  [
    'pad, replicate',
    y =>
      pad(
        y,
        [
          [1, -1],
          [2, 1],
        ],
        { mode: 'replicate' },
      ),
  ],
  [
    'pad, circular',
    y =>
      pad(
        y,
        [
          [1, 0],
          [-2, 1],
        ],
        { mode: 'circular' },
      ),
  ],
  ['unfold', y => unfold(y, 1, 2)],
  ['unfoldImages', y => unfoldImages(y.unsqueeze(0), { kernel: 2, padding: 1 })],
  ['foldImages', y => foldImages(y.reshape([4, 3]), { outputSize: [2, 4], kernel: 2 })],
  ['reduceAxes', y => reduceAxes(y, 'a (b 2) -> b a', 'mean')],
  ['repeatAxes', y => repeatAxes(y, 'a b -> (b 2) a')],
])('vmap of %s is the loop, gradients included', (_, f) => {
  const batch = randomTensor([2, 3, 4], 7)
  batch.requiresGrad = true
  const loop = stack(unbind(batch).map(f))
  const mapped = vmap(f)(batch)
  expect(mapped.toArray()).toEqual(loop.toArray())
  const weights = randomTensor(loop.shape, 8)
  const [one, other] = [loop, mapped].map(y => gradients(y.square().mul(weights).sum(), [batch])[0]!)
  expect(one!.toArray()).toEqual(other!.toArray())
})
