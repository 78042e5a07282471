// Windows and image patches against loops over every position.
import {
  arange,
  foldImages,
  foldWindows,
  grad,
  type Tensor,
  tensor,
  unfold,
  unfoldImages,
  zeros,
} from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, errorOf, positionsOf, randomTensor } from './support.ts'

const dot = (x: Tensor, y: Tensor): number => x.mul(y).sum().item()

describe('unfold', () => {
  test('has element start * step + k * dilation of the axis, along any axis', () => {
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 2 }),
        (axis, size, step, dilation) => {
          const shape = [5, 6, 7]
          const x = randomTensor(shape, 2)
          const windows = unfold(x, axis, size, step, dilation)
          const reach = dilation * (size - 1) + 1
          expect(windows.shape).toEqual([
            ...shape.map((length, k) => (k === axis ? Math.floor((length - reach) / step) + 1 : length)),
            size,
          ])
          for (const position of positionsOf(windows.shape)) {
            const from = position.slice(0, 3)
            from[axis] = from[axis]! * step + position[3]! * dilation
            expect(at(windows, position)).toBe(at(x, from))
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  test('is a view, and of a view too', () => {
    const x = arange(6)
    expect(unfold(x, 0, 2).storage).toBe(x.storage)
    expect(unfold(x.flip(), -1, 2, 2).toArray()).toEqual([
      [5, 4],
      [3, 2],
      [1, 0],
    ])
  })

  test('sends back the sum over the windows of an element', () => {
    const x = tensor([1, 2, 3, 4], { requiresGrad: true })
    unfold(x, 0, 2).square().sum().backward()
    expect(x.grad?.toArray()).toEqual([2, 8, 12, 8])
  })

  test('refuses what does not fit', () => {
    expect(errorOf(() => unfold(arange(3), 0, 4))).toBe(
      'ArgumentError: unfold: a window of 4 elements does not fit into axis 0 of [3]; choose a smaller one, or pad the axis.',
    )
    expect(errorOf(() => unfold(arange(3), 0, 3, 1, 2))).toContain('3 elements that are 2 apart')
    expect(errorOf(() => unfold(arange(3), 0, 2, 0))).toBe(
      'ArgumentError: unfold: step must be a whole number from 1 up, got 0.',
    )
    expect(errorOf(() => unfold(tensor(3), 0, 1))).toContain('AxisError')
    expect(errorOf(() => foldWindows(zeros([3, 2]), 0, 5))).toBe(
      'ShapeError: foldWindows: [3, 2] has 3 windows of 2 along axis 0; into length 5 fit 4 (step 1, dilation 1).',
    )
    expect(errorOf(() => foldWindows(zeros([3]), 0, 3))).toContain('needs an axis of windows')
  })

  test('foldWindows adds in float64 and keeps places that no window covers', () => {
    const big = tensor([
      [2 ** 24, 1],
      [1, 0],
      [1, 0],
    ])
    expect(foldWindows(big.transpose(), 0, 5, 2).toArray()).toEqual([2 ** 24, 1, 2, 0, 0])
    expect(foldWindows(tensor([[1, 2]]), 0, 4, 3).toArray()).toEqual([1, 2, 0, 0])
    expect(
      foldWindows(
        tensor([
          [true, true],
          [true, true],
        ]),
        0,
        3,
      ).toArray(),
    ).toEqual([1, 2, 1])
  })
})

/** Settings of patches, pairs among them, and an image into which they fit. */
const patches = fc.record({
  channels: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 3, max: 6 }),
  width: fc.integer({ min: 3, max: 6 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 3 })),
  stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
  padding: fc.tuple(fc.nat(2), fc.nat(1)),
  dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
})

describe('unfoldImages and foldImages', () => {
  test('the columns are the patches, loop by loop', () => {
    fc.assert(
      fc.property(patches, ({ channels, height, width, kernel, stride, padding, dilation }) => {
        const count = (size: number, k: 0 | 1): number =>
          Math.floor((size + 2 * padding[k] - dilation[k] * (kernel[k] - 1) - 1) / stride[k]) + 1
        const [rows, columns] = [count(height, 0), count(width, 1)]
        fc.pre(rows >= 1 && columns >= 1)
        const x = randomTensor([2, channels, height, width], 3)
        const options = { kernel, stride, padding, dilation }
        const found = unfoldImages(x, options)
        expect(found.shape).toEqual([2, channels * kernel[0] * kernel[1], rows * columns])
        for (const [n, c, i, j, row, column] of positionsOf([
          2,
          channels,
          ...kernel,
          rows,
          columns,
        ]) as Iterable<[number, number, number, number, number, number]>) {
          const y = row * stride[0] - padding[0] + i * dilation[0]
          const z = column * stride[1] - padding[1] + j * dilation[1]
          const isInside = y >= 0 && y < height && z >= 0 && z < width
          const place = [n, (c * kernel[0] + i) * kernel[1] + j, row * columns + column]
          expect(at(found, place)).toBe(isInside ? at(x, [n, c, y, z]) : 0)
        }
        // The transpose: the same inner product on either side, and the gradient of one is the other.
        const u = randomTensor(found.shape, 4)
        const folded = foldImages(u, { outputSize: [height, width], ...options })
        expect(folded.shape).toEqual(x.shape)
        expect(dot(folded, x)).toBeCloseTo(dot(u, found), 10)
        const back = grad((image: Tensor) => unfoldImages(image, options).mul(u).sum())(x)
        expect(back.toArray()).toEqual(folded.toArray())
        const forth = grad((columnsOf: Tensor) =>
          foldImages(columnsOf, { outputSize: [height, width], ...options })
            .mul(x)
            .sum(),
        )(u)
        expect(forth.toArray()).toEqual(found.toArray())
      }),
      { numRuns: 40 },
    )
  })

  test('a number is a pair of itself; images come alone, in batches, in batches of batches', () => {
    const x = randomTensor([2, 3, 4, 5, 5], 5)
    const all = unfoldImages(x, { kernel: 2, stride: 2, padding: 1 })
    expect(all.shape).toEqual([2, 3, 16, 9])
    const one = unfoldImages(x.slice(1, 2), { kernel: [2, 2], stride: [2, 2], padding: [1, 1] })
    expect(all.slice(1, 2).toArray()).toEqual(one.toArray())
    expect(foldImages(all, { outputSize: 5, kernel: 2, stride: 2, padding: 1 }).shape).toEqual(x.shape)
  })

  test('the product with a kernel is a convolution', () => {
    const image = arange(9).reshape([1, 3, 3])
    const kernel = tensor([[1, 0, 0, -1]])
    expect(kernel.matmul(unfoldImages(image, { kernel: 2 })).toArray()).toEqual([[-4, -4, -4, -4]])
  })

  test('folded ones count the patches', () => {
    const once = foldImages(tensor(new Float64Array(36).fill(1), { shape: [1, 4, 9] }), {
      outputSize: 4,
      kernel: 2,
    })
    expect(once.toArray()).toEqual([
      [
        [
          [1, 2, 2, 1],
          [2, 4, 4, 2],
          [2, 4, 4, 2],
          [1, 2, 2, 1],
        ],
      ],
    ])
  })

  test('refuse what does not fit', () => {
    expect(errorOf(() => unfoldImages(zeros([1, 2, 2]), { kernel: 3 }))).toBe(
      'ShapeError: unfoldImages: no patch fits into an image of 2 by 2 with {"kernel":3}; use a smaller kernel or more padding.',
    )
    expect(errorOf(() => unfoldImages(zeros([2, 2]), { kernel: 1 }))).toBe(
      'ShapeError: unfoldImages: takes images [..., channels, height, width], got [2, 2]; add an axis with unsqueeze.',
    )
    expect(errorOf(() => unfoldImages(zeros([1, 2, 2]), { kernel: 1, stride: 0 }))).toBe(
      'ArgumentError: unfoldImages: stride must be a whole number from 1 up, or a pair of them [height, width]; got 0.',
    )
    expect(errorOf(() => unfoldImages(zeros([1, 2, 2]), {} as never))).toContain('kernel must be')
    expect(errorOf(() => unfoldImages(zeros([1, 2, 2]), { kernel: [1] as never }))).toContain('got [1]')
    expect(errorOf(() => foldImages(zeros([4, 5]), { outputSize: 3, kernel: 2 }))).toBe(
      'ShapeError: foldImages: [4, 5] does not fit: needs [..., a multiple of 4, 4], for kernels of 2 by 2 and 2 by 2 patches.',
    )
    expect(errorOf(() => foldImages(zeros([3, 4]), { outputSize: 3, kernel: 2 }))).toContain('does not fit')
    expect(errorOf(() => foldImages(zeros([4]), { outputSize: 3, kernel: 2 }))).toContain('does not fit')
  })
})
