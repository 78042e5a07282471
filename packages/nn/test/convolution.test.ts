// Convolutional layers: what a window sees and does not see, channels and groups, sizes, errors, first weights.
import { concat, jacrev, Rng, reshape, type Tensor, vmap, zeros } from '@adjoint/core'
import { Conv1d, Conv2d, ConvTranspose2d, initializers, namedParameters, sequential } from '@adjoint/nn'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

const float64 = (seed: number, shape: readonly number[]): Tensor =>
  new Rng(seed).normal(shape, { dtype: 'float64' })

/** Indices of the entries that are not 0. */
const nonzero = (values: ArrayLike<number | bigint>): number[] =>
  Array.from(values, (value, i) => (Number(value) === 0 ? -1 : i)).filter(i => i >= 0)

describe('locality: an output sees its window and nothing else', () => {
  test.each([
    ['plain', {}, [2, 3], [2, 3, 4].flatMap(r => [3, 4, 5].map(c => [r, c]))],
    [
      'strided and padded',
      { stride: 2, padding: 1 },
      [1, 2],
      [1, 2, 3].flatMap(r => [3, 4, 5].map(c => [r, c])),
    ],
    ['dilated', { dilation: 2 }, [1, 2], [1, 3, 5].flatMap(r => [2, 4, 6].map(c => [r, c]))],
    ['at the corner of the padding', { padding: 1 }, [0, 0], [0, 1].flatMap(r => [0, 1].map(c => [r, c]))],
  ] as const)('%s', (_, settings, position, window) => {
    const layer = new Conv2d(2, 3, 3, { rng: new Rng(0), dtype: 'float64', ...settings })
    const x = float64(1, [2, 8, 9])
    const one = (image: Tensor): Tensor => layer.forward(image).slice(1, position[0], position[1]) as Tensor
    const row = jacrev(one)(x) as Tensor
    const expected = [0, 1].flatMap(channel => window.map(([r, c]) => (channel * 8 + r!) * 9 + c!))
    expect(nonzero(row.data())).toEqual(expected.sort((a, b) => a - b))
  })

  test('depthwise: an output channel sees its own channel only, and is the convolution of it alone', () => {
    const layer = new Conv1d(3, 6, 2, { rng: new Rng(0), dtype: 'float64', groups: 3 })
    const x = float64(1, [3, 5])
    const row = jacrev((signal: Tensor) => layer.forward(signal).slice(4, 1) as Tensor)(x) as Tensor
    expect(nonzero(row.data())).toEqual([2 * 5 + 1, 2 * 5 + 2])
  })

  test('groups are convolutions side by side', () => {
    const layer = new Conv1d(4, 6, 3, { rng: new Rng(0), dtype: 'float64', groups: 2, bias: false })
    const x = float64(1, [2, 4, 7])
    const parts = [0, 1].map(group => {
      const part = new Conv1d(2, 3, 3, {
        dtype: 'float64',
        bias: false,
        weightInitializer: () => layer.weight.slice([3 * group, 3 * group + 3]) as Tensor,
      })
      return part.forward(x.slice(null, [2 * group, 2 * group + 2]) as Tensor) as Tensor
    })
    expect(layer.forward(x).toArray()).toEqual(concat(parts, 1).toArray())
  })
})

describe('what moves in the input moves in the output', () => {
  test('with circular padding the layer commutes with a rotation of the image', () => {
    const layer = new Conv2d(1, 2, 3, {
      rng: new Rng(0),
      dtype: 'float64',
      padding: 'same',
      paddingMode: 'circular',
    })
    const x = float64(1, [1, 1, 5, 6])
    const roll = (image: Tensor): Tensor =>
      concat([image.slice('...', [2, null]) as Tensor, image.slice('...', [null, 2]) as Tensor], -1)
    expect(layer.forward(roll(x)).toArray()).toEqual(roll(layer.forward(x) as Tensor).toArray())
  })
})

describe('sizes', () => {
  test('with and without a batch, and one example of many by vmap', () => {
    const layer = new Conv2d(3, 4, [3, 5], { rng: new Rng(0), stride: [2, 1], padding: 'valid' })
    const x = zeros([2, 3, 9, 9])
    expect(layer.forward(x).shape).toEqual([2, 4, 4, 5])
    expect(layer.forward(zeros([3, 9, 9])).shape).toEqual([4, 4, 5])
    expect(vmap((image: Tensor) => layer.forward(image) as Tensor)(x).shape).toEqual([2, 4, 4, 5])
  })

  test('a transposed layer gives the size that is asked for', () => {
    const layer = new ConvTranspose2d(2, 3, 3, { rng: new Rng(0), stride: 2, padding: 1 })
    const x = zeros([1, 2, 4, 4])
    expect(layer.forward(x).shape).toEqual([1, 3, 7, 7])
    expect(layer.forwardTo([8, 7], x).shape).toEqual([1, 3, 8, 7])
    expect(() => layer.forwardTo(9, x)).toThrow('sizes run from [7, 7] to [8, 8]')
  })
})

describe('parameters', () => {
  test('layouts and names are those of PyTorch, and the first values lie in ±1/√fanIn', () => {
    const model = sequential(
      new Conv2d(4, 6, 3, { rng: new Rng(0), groups: 2 }),
      new ConvTranspose2d(6, 4, [2, 3], { rng: new Rng(1), groups: 2 }),
    )
    const shapes = Object.entries(namedParameters(model)).map(([name, { shape }]) => [name, shape])
    expect(shapes).toEqual([
      ['0.weight', [6, 2, 3, 3]],
      ['0.bias', [6]],
      ['1.weight', [6, 2, 2, 3]],
      ['1.bias', [4]],
    ])
    const largest = (x: Tensor): number => x.abs().max().item()
    expect(largest(model.layers[0].weight)).toBeLessThanOrEqual(1 / Math.sqrt(18))
    expect(largest(model.layers[0].weight)).toBeGreaterThan(0.9 / Math.sqrt(18))
    expect(largest(model.layers[1].weight)).toBeLessThanOrEqual(1 / Math.sqrt(12))
    expect(largest(model.layers[1].weight)).toBeGreaterThan(0.9 / Math.sqrt(12))
  })

  test('initialisers draw what they say', () => {
    const { ones, constant } = initializers
    const layer = new Conv1d(1, 2, 3, { weightInitializer: ones, biasInitializer: constant(2) })
    expect(layer.forward(reshape(zeros([3]), [1, 3])).toArray()).toEqual([[2], [2]])
  })
})

describe('derivatives of the whole layer, of second order too', () => {
  test.each([
    [
      'Conv2d',
      new Conv2d(2, 2, 2, { rng: new Rng(0), dtype: 'float64', padding: 'same', paddingMode: 'reflect' }),
    ],
    [
      'ConvTranspose2d',
      new ConvTranspose2d(2, 2, 2, { rng: new Rng(0), dtype: 'float64', stride: 2, padding: 1 }),
    ],
  ])('%s', (_, layer) => {
    const loss = (x: Tensor): Tensor => (layer.forward(x) as Tensor).tanh().sum()
    checkGradients(loss, float64(1, [1, 2, 3, 3]), { order: 2 })
  })
})

describe('what is refused', () => {
  const rng = new Rng(0)

  test('while making', () => {
    expect(() => new Conv2d(3, 4, 3, { rng, groups: 2 })).toThrow(
      'inputs must be a multiple of groups, got 3 in 2 groups',
    )
    expect(() => new Conv2d(3, 0, 3, { rng })).toThrow('outputs must be a whole number')
    expect(() => new Conv2d(3, 4, [3, 3, 3], { rng })).toThrow('kernel must be')
    expect(() => new Conv2d(3, 4, 3, { rng, padding: 'same', stride: 2 })).toThrow('stride 1 only')
    expect(() => new Conv2d(3, 4, 3, { rng, paddingMode: 'mirror' as 'reflect' })).toThrow(
      "paddingMode is 'zeros'",
    )
    expect(() => new Conv2d(3, 4, 3, { rng, strides: 2 } as object)).toThrow('did you mean stride?')
    expect(() => new Conv2d(3, 4, 3)).toThrow('new Rng(0)')
    expect(() => new ConvTranspose2d(3, 4, 3, { rng, outputPadding: 1 })).toThrow(
      'smaller than stride or dilation',
    )
    expect(() => new ConvTranspose2d(3, 4, 3, { rng, outputPadding: 0, outputSize: 4 })).toThrow('not both')
  })

  test('while calling', () => {
    const layer = new Conv2d(3, 4, 3, { rng, stride: 2 })
    expect(String(layer)).toBe('Conv2d(3, 4, kernel 3, stride 2)')
    expect(() => layer.forward(zeros([1, 5, 9, 9]) as Tensor)).toThrow(
      'Conv2d(3, 4, kernel 3, stride 2): takes 3 channels, got 5 in [1, 5, 9, 9]',
    )
    expect(() => layer.forward(zeros([9, 9]) as Tensor)).toThrow('[batch, channels, height, width]')
    expect(() => layer.forward(zeros([1, 3, 2, 9]))).toThrow('no window fits')
  })

  test('while typing: a chain whose channels do not fit, and a tensor with other channels', () => {
    const unchecked = (): void => {
      sequential(
        // @ts-expect-error layer 1 takes [?, 4, ?, ?], but the layer before it gives [?, 8, ?, ?]
        new Conv2d(3, 8, 3, { rng }),
        new Conv2d(4, 2, 3, { rng }),
      )
      // @ts-expect-error 3 channels, not 5
      new Conv2d(3, 8, 3, { rng }).forward(zeros([1, 5, 9, 9]))
      const model = sequential(new Conv2d(3, 8, 3, { rng }), new ConvTranspose2d(8, 3, 3, { rng }))
      const y: Tensor<[number, 3, number, number]> = model.forward(zeros([1, 3, 9, 9]))
      y.toArray()
    }
    expect(unchecked).toBeTypeOf('function')
  })
})
