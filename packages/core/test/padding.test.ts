// Padding in its four modes, against the position that each mode reads written out.
import { gradients, type PadMode, pad, type Tensor, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorOf, randomTensor } from './support.ts'

/** The position along an axis of `size` from which an element `at` places after the first one comes; -1 for the value. */
function source(mode: PadMode, at: number, size: number): number {
  const isInside = at >= 0 && at < size
  switch (mode) {
    case 'constant':
      return isInside ? at : -1
    case 'reflect':
      return at < 0 ? -at : isInside ? at : 2 * (size - 1) - at
    case 'replicate':
      return Math.min(size - 1, Math.max(0, at))
    case 'circular':
      return ((at % size) + size) % size
  }
}

const widest = { constant: 4, reflect: 2, replicate: 4, circular: 3 }
const modes = Object.keys(widest) as PadMode[]

const numbers = (count: number, from = 1): number[] => Array.from({ length: count }, (_, i) => from + i)

test('agrees with the formula of each mode on every axis', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...modes),
      fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }),
      (mode, draw) => {
        const shape = [3, 3, 4]
        const x = randomTensor(shape, 1)
        const widths = shape.map((_, k) => {
          const [before, after] = [draw[2 * k]!, draw[2 * k + 1]!]
          return [Math.min(widest[mode], before), Math.min(widest[mode], after)] as const
        })
        const padded = pad(x, widths, mode === 'constant' ? 7 : { mode })
        const data = x.data()
        const sizes = shape.map((size, k) => size + widths[k]![0] + widths[k]![1])
        expect(padded.shape).toEqual(sizes)
        const expected = numbers(padded.size, 0).map(flat => {
          let [rest, from, isOutside] = [flat, 0, false]
          const position = sizes
            .map((_, k) => sizes.slice(k + 1).reduce((all, size) => all * size, 1))
            .map(stride => {
              const index = Math.floor(rest / stride)
              rest %= stride
              return index
            })
          for (const [k, index] of position.entries()) {
            const at = source(mode, index - widths[k]![0], shape[k]!)
            isOutside ||= at < 0
            from = from * shape[k]! + at
          }
          return isOutside ? 7 : data[from]!
        })
        expect([...padded.data()]).toEqual(expected)
      },
    ),
  )
})

test('negative widths take away, in every mode', () => {
  const x = tensor([1, 2, 3, 4])
  const row = (before: number, after: number, mode: PadMode): unknown =>
    pad(x, [[before, after]], { mode }).toArray()
  expect(row(-1, -2, 'constant')).toEqual([2])
  expect(row(-1, 2, 'constant')).toEqual([2, 3, 4, 0, 0])
  expect(row(-2, -2, 'constant')).toEqual([])
  expect(pad(x, [[-1, 1]], 9).toArray()).toEqual([2, 3, 4, 9])
  // Reflecting and repeating read the whole tensor, running around reads what is left of it.
  expect(row(-3, 3, 'reflect')).toEqual([4, 3, 2, 1])
  expect(row(2, -3, 'reflect')).toEqual([3, 2, 1])
  expect(row(-1, 2, 'replicate')).toEqual([2, 3, 4, 4, 4])
  expect(row(1, -1, 'replicate')).toEqual([1, 1, 2, 3])
  expect(row(-1, 2, 'circular')).toEqual([2, 3, 4, 2, 3])
  expect(row(-1, -1, 'circular')).toEqual([2, 3])
})

test('gradients come back to the elements that were read', () => {
  const gradientOf = (mode: PadMode, before: number, after: number): unknown => {
    const x = tensor([1, 2, 3], { requiresGrad: true })
    const padded = pad(x, [[before, after]], { mode })
    const weights = tensor(numbers(padded.size).map(k => 10 ** (k - 1)))
    return gradients(padded.mul(weights).sum(), [x])[0]!.toArray()
  }
  expect(gradientOf('constant', 1, 1)).toEqual([10, 100, 1000])
  expect(gradientOf('constant', -1, 1)).toEqual([0, 1, 10])
  expect(gradientOf('reflect', 2, 1)).toEqual([100, 10 + 1000 + 100000, 1 + 10000])
  expect(gradientOf('replicate', 2, 1)).toEqual([111, 1000, 10000 + 100000])
  expect(gradientOf('circular', 1, 1)).toEqual([10 + 10000, 100, 1 + 1000])
})

test('keeps the dtype, empty axes and 0-d tensors', () => {
  const whole = tensor([1, 2], { dtype: 'int32' })
  for (const mode of modes) expect(pad(whole, [[1, 1]], { mode }).dtype).toBe('int32')
  expect(pad(whole, [[1, 0]], 0.5).toArray()).toEqual([0.5, 1, 2])
  expect(pad(tensor([true]), [[1, 0]]).toArray()).toEqual([false, true])
  const empty: Tensor = tensor(new Float32Array(0), { shape: [0, 2] })
  expect(
    pad(empty, [
      [1, 0],
      [0, 0],
    ]).toArray(),
  ).toEqual([[0, 0]])
  expect(
    pad(
      empty,
      [
        [0, 0],
        [1, 1],
      ],
      { mode: 'reflect' },
    ).shape,
  ).toEqual([0, 4])
  for (const mode of modes) expect(pad(tensor(3), [], { mode }).item()).toBe(3)
})

test('-0 and NaN are a value like any other', () => {
  expect(Object.is(pad(tensor([1]), [[1, 0]], Number.NaN).data()[0], Number.NaN)).toBe(true)
  expect(pad(tensor([1]), [[1, 0]], { value: Number.POSITIVE_INFINITY }).toArray()).toEqual([Infinity, 1])
})

describe('refuses', () => {
  const x = tensor([[1, 2, 3]])

  test('to add more than a mode can', () => {
    expect(
      errorOf(() =>
        pad(
          x,
          [
            [0, 0],
            [3, 0],
          ],
          { mode: 'reflect' },
        ),
      ),
    ).toBe(
      "ShapeError: pad: mode 'reflect' cannot add 3 and 0 elements to axis 1 of [1, 3]; it can add fewer than its size, because the edge is not repeated.",
    )
    expect(
      errorOf(() =>
        pad(
          x,
          [
            [0, 1],
            [0, 0],
          ],
          { mode: 'reflect' },
        ),
      ),
    ).toContain('axis 0 of [1, 3]')
    expect(
      errorOf(() =>
        pad(
          x,
          [
            [0, 0],
            [1, 4],
          ],
          { mode: 'circular' },
        ),
      ),
    ).toBe(
      "ShapeError: pad: mode 'circular' cannot add 1 and 4 elements to axis 1 of [1, 3]; it can add at most its size, once around.",
    )
    expect(errorOf(() => pad(tensor([]), [[1, 0]], { mode: 'replicate' }))).toBe(
      "ShapeError: pad: mode 'replicate' cannot add 1 and 0 elements to axis 0 of [0]; it can add nothing, because there is no element to repeat.",
    )
    expect(
      errorOf(() =>
        pad(x, [
          [0, 0],
          [-2, -2],
        ]),
      ),
    ).toBe('ShapeError: pad: cannot take 2 and 2 elements away from axis 1 of [1, 3].')
    expect(
      errorOf(() =>
        pad(x, [
          [0, 0],
          [-4, 5],
        ]),
      ),
    ).toContain('cannot take 4 and 0')
  })

  test('other arguments', () => {
    expect(errorOf(() => pad(x, [[1, 1]]))).toBe(
      'ArgumentError: pad: needs a pair [before, after] of whole numbers for each of 2 axes, got [[1,1]].',
    )
    expect(
      errorOf(() =>
        pad(x, [
          [0, 0],
          [0.5, 0],
        ]),
      ),
    ).toContain('whole numbers')
    expect(errorOf(() => pad(x, [1, 1] as never))).toContain('needs a pair')
    expect(
      errorOf(() =>
        pad(
          x,
          [
            [0, 0],
            [0, 0],
          ],
          { mode: 'mirror' as never },
        ),
      ),
    ).toBe(
      "ArgumentError: pad: the mode is 'constant', 'reflect', 'replicate' or 'circular', got \"mirror\".",
    )
    expect(
      errorOf(() =>
        pad(
          x,
          [
            [0, 0],
            [1, 1],
          ],
          { mode: 'reflect', value: 2 },
        ),
      ),
    ).toBe("ArgumentError: pad: mode 'reflect' adds elements of the tensor, a value has no use there.")
  })
})
