// Pooling and resampling: shapes, options, errors, known values; numbers are compared in twins and parity.
import {
  adaptiveAveragePool,
  adaptiveMaxPool,
  arange,
  averagePool,
  fractionalMaxPool,
  gradients,
  interpolate,
  jvp,
  lpPool,
  maxPool,
  maxPoolWithIndices,
  maxUnpool,
  mul,
  ones,
  Rng,
  reshape,
  ShapeError,
  square,
  sum,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import {
  AdaptiveAveragePool2d,
  AdaptiveMaxPool1d,
  AveragePool1d,
  AveragePool2d,
  FractionalMaxPool2d,
  LpPool1d,
  MaxPool1d,
  MaxPool2d,
  MaxPool3d,
  MaxUnpool2d,
  Upsample,
} from '@adjoint/nn'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'

const rng = new Rng(1)
const float64 = (shape: readonly number[]): Tensor => rng.normal(shape, { dtype: 'float64' })
/** Numbers that differ by at least 1, so that no difference quotient crosses a tie. */
const apart = (shape: readonly number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1)
  return tensor(Float64Array.from(rng.permutation(size)), { shape, dtype: 'float64' })
}

describe('windows', () => {
  test('their number is that of the formula, rounded down or up', () => {
    const x = zeros([1, 1, 8])
    expect(maxPool(x, { kernel: 3 }).shape).toEqual([1, 1, 2])
    expect(maxPool(x, { kernel: 3, ceilMode: true }).shape).toEqual([1, 1, 3])
    expect(maxPool(x, { kernel: 2, stride: 3, dilation: 2, ceilMode: true }).shape).toEqual([1, 1, 3])
  })

  test('one that would begin behind the end is none, even with ceilMode', () => {
    // (5 + 2 - 2) / 3 rounds up to 2, but window 2 would begin at 5, where the padding begins.
    expect(averagePool(zeros([1, 1, 5]), { kernel: 2, stride: 3, padding: 1, ceilMode: true }).shape).toEqual(
      [1, 1, 2],
    )
  })

  test('without a batch where the settings are lists, and in layers', () => {
    expect(maxPool(zeros([3, 4, 6]), { kernel: [2, 2] }).shape).toEqual([3, 2, 3])
    expect(maxPool(zeros([3, 4, 6]), { kernel: 2 }).shape).toEqual([3, 4, 3])
    expect(new MaxPool2d(2).forward(zeros([3, 4, 6])).shape).toEqual([3, 2, 3])
    expect(new MaxPool1d(2).forward(zeros([3, 6])).shape).toEqual([3, 3])
    expect(new MaxPool3d(2).forward(zeros([1, 4, 4, 4])).shape).toEqual([1, 2, 2, 2])
  })

  test('a batch of none', () => {
    expect(maxPool(zeros([0, 3, 4, 4]), { kernel: 2 }).shape).toEqual([0, 3, 2, 2])
    expect(averagePool(zeros([0, 3, 4, 4]), { kernel: 2 }).shape).toEqual([0, 3, 2, 2])
    expect(interpolate(zeros([0, 3, 4]), { scale: 2 }).shape).toEqual([0, 3, 8])
  })

  test('views are read as they lie', () => {
    const x = float64([2, 3, 4, 6])
    const turned = x.permute([0, 1, 3, 2])
    expect(maxPool(turned, { kernel: 2 }).permute([0, 1, 3, 2]).toArray()).toEqual(
      maxPool(x, { kernel: 2 }).toArray(),
    )
  })
})

describe('max pooling', () => {
  test('padding is never the largest', () => {
    const x = tensor([[[-3, -2, -5]]])
    expect(maxPool(x, { kernel: 3, stride: 1, padding: 1 }).toArray()).toEqual([[[-2, -2, -2]]])
  })

  test('indices count through the plane of a channel', () => {
    const x = reshape(arange(16), [1, 1, 4, 4]) as Tensor
    const { indices } = maxPoolWithIndices(x, { kernel: 2 })
    expect(indices.toArray()).toEqual([
      [
        [
          [5, 7],
          [13, 15],
        ],
      ],
    ])
    expect(indices.dtype).toBe('int32')
  })

  test('of equal elements the first gets the gradient, in every window of its own', () => {
    const x = ones([1, 1, 4])
    x.requiresGrad = true
    const [dx] = gradients(sum(maxPool(x, { kernel: 2, stride: 1 })), [x])
    expect(dx!.toArray()).toEqual([[[1, 1, 1, 0]]])
  })

  test('NaN is the largest', () => {
    expect(maxPool(tensor([[[1, Number.NaN, 3, 4]]]), { kernel: 2 }).toArray()).toEqual([[[Number.NaN, 4]]])
  })

  test('minus infinity is an element', () => {
    const x = tensor([[[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]]])
    expect(maxPool(x, { kernel: 2 }).toArray()).toEqual([[[Number.NEGATIVE_INFINITY]]])
  })

  test('integers stay integers', () => {
    expect(maxPool(tensor([[[1, 2]]], { dtype: 'int32' }), { kernel: 2 }).dtype).toBe('int32')
  })

  test('first and second order, forward and backward', () => {
    const x = apart([2, 2, 5, 4])
    checkGradients(x => square(maxPool(x as Tensor, { kernel: 3, stride: 2, padding: 1 })), x, { order: 2 })
    checkGradients(x => square(new AdaptiveMaxPool1d(2).forward(x as Tensor)), apart([2, 5]), { order: 2 })
  })

  test('vmap and jvp', () => {
    const x = float64([3, 2, 4, 4])
    const each = vmap((image: Tensor) => maxPool(image, { kernel: [2, 2] }))(x)
    expect(each.toArray()).toEqual(maxPool(x, { kernel: 2 }).toArray())
    const { tangent } = jvp(
      (x: Tensor) => maxPool(x, { kernel: 2 }),
      tensor([[[1, 5, 2, 0]]]),
      tensor([[[1, 2, 3, 4]]]),
    )
    expect((tangent as Tensor).toArray()).toEqual([[[2, 3]]])
  })

  test('unpooling is the way back: what was largest is there again', () => {
    const pool = new MaxPool2d(2, { stride: 2 })
    const x = float64([2, 3, 5, 5])
    const pooled = pool.forwardWithIndices(x)
    const back = new MaxUnpool2d(2).forward({ ...pooled, outputSize: 5 })
    expect(back.shape).toEqual(x.shape)
    const again = maxPoolWithIndices(back.abs(), { kernel: 2 })
    expect(again.indices.toArray()).toEqual(pooled.indices.toArray())
  })

  test('an index outside of the plane is refused', () => {
    const indices = tensor([[[9]]], { dtype: 'int32' })
    expect(() => maxUnpool(ones([1, 1, 1]), indices, { kernel: 2 })).toThrow(/position 9/)
  })
})

describe('average pooling', () => {
  test('what a window is divided by', () => {
    const x = tensor([[[3, 6, 9, 12, 15]]])
    const settings = { kernel: 3, stride: 2, padding: 1 }
    expect(averagePool(x, settings).toArray()).toEqual([[[3, 9, 9]]])
    expect(averagePool(x, { ...settings, countIncludePad: false }).toArray()).toEqual([[[4.5, 9, 13.5]]])
    expect(averagePool(x, { ...settings, divisor: 2 }).toArray()).toEqual([[[4.5, 13.5, 13.5]]])
    // The second window reaches over the end: it is divided by the elements up to there.
    expect(averagePool(tensor([[[2, 4, 9]]]), { kernel: 2, ceilMode: true }).toArray()).toEqual([[[3, 9]]])
  })

  test('integers become float32', () => {
    const x = averagePool(tensor([[[1, 2]]], { dtype: 'int32' }), { kernel: 2 })
    expect([x.dtype, x.item()]).toEqual(['float32', 1.5])
  })

  test('parts that overlap, and sizes that are kept', () => {
    expect(adaptiveAveragePool(tensor([[[1, 2, 3, 4, 5]]]), 2).toArray()).toEqual([[[2, 4]]])
    expect(new AdaptiveAveragePool2d([null, 1]).forward(zeros([1, 2, 3, 4])).shape).toEqual([1, 2, 3, 1])
    expect(adaptiveMaxPool(zeros([2, 3, 4]), [null, 2]).shape).toEqual([2, 3, 2])
  })

  test('of a constant it is that constant', () => {
    const x = mul(ones([1, 1, 6, 7], { dtype: 'float64' }), 3) as Tensor
    for (const y of [
      averagePool(x, { kernel: 3, stride: 2, padding: 1, countIncludePad: false, ceilMode: true }),
      adaptiveAveragePool(x, [4, 5]),
      interpolate(x, { size: [9, 4], mode: 'bilinear' }),
      interpolate(x, { size: [9, 4], mode: 'bicubic' }),
      interpolate(x, { size: [2, 3], mode: 'bicubic', antialias: true }),
      interpolate(x, { size: [2, 3], mode: 'area' }),
    ]) {
      for (const value of y.data()) expect(value).toBeCloseTo(3, 14)
    }
  })

  test('first and second order, forward and backward', () => {
    const x = float64([2, 2, 5, 4])
    const layer = new AveragePool2d(3, { stride: 2, padding: 1, countIncludePad: false })
    checkGradients(x => square(layer.forward(x as Tensor)), x, { order: 2 })
  })
})

describe('power-sum pooling', () => {
  test('order 1 is the sum, order 2 the length, and a gradient of 0 where the sum is 0', () => {
    const x = tensor([[[3, 4, 0, 0]]])
    x.requiresGrad = true
    expect(lpPool(x, { order: 1, kernel: 2 }).toArray()).toEqual([[[7, 0]]])
    const y = lpPool(x, { order: 2, kernel: 2 })
    expect(y.toArray()).toEqual([[[5, 0]]])
    expect(gradients(sum(y), [x])[0]!.toArray()).toEqual([[[Math.fround(0.6), Math.fround(0.8), 0, 0]]])
  })

  test('second order', () => {
    const x = square(float64([2, 6])).add(1)
    checkGradients(x => new LpPool1d(3, 2).forward(x as Tensor), x as Tensor, { order: 2 })
  })
})

describe('fractional max pooling', () => {
  test('draws windows of its own for every channel, the same for the same generator', () => {
    const x = float64([2, 3, 9, 9])
    const layer = new FractionalMaxPool2d(2, { outputRatio: 0.6 })
    const run = (seed: number): unknown => layer.forward(x, { rng: new Rng(seed) }).toArray()
    expect(run(0)).toEqual(run(0))
    expect(run(0)).not.toEqual(run(1))
    expect(layer.forward(x, { rng: new Rng(0) }).shape).toEqual([2, 3, 5, 5])
  })

  test('says where the generator goes', () => {
    const layer = new FractionalMaxPool2d(2, { outputSize: 2 })
    expect(() => layer.forward(zeros([1, 1, 4, 4]))).toThrow(/rng: new Rng/)
    expect(() => fractionalMaxPool(zeros([1, 1, 4, 4]), { kernel: 2, outputSize: 2 })).toThrow(/rng/)
    expect(() => new FractionalMaxPool2d(2, {})).toThrow(/either outputSize or outputRatio/)
  })

  test('windows that are as many as elements are each of them', () => {
    const x = float64([1, 1, 4, 4])
    const y = fractionalMaxPool(x, { kernel: 1, outputSize: 4, rng: new Rng(0) })
    expect(y.toArray()).toEqual(x.toArray())
  })
})

describe('resampling', () => {
  test('aligned corners keep the corners; edges otherwise', () => {
    const x = tensor([[[0, 1, 2, 3]]])
    expect(interpolate(x, { size: 7, mode: 'linear', alignCorners: true }).toArray()).toEqual([
      [[0, 0.5, 1, 1.5, 2, 2.5, 3]],
    ])
    expect(interpolate(x, { size: 2, mode: 'linear' }).toArray()).toEqual([[[0.5, 2.5]]])
  })

  test('the size of before gives what was there', () => {
    const x = float64([1, 2, 4, 5])
    for (const mode of ['nearest', 'nearestExact', 'bilinear', 'bicubic', 'area'] as const) {
      expect(interpolate(x, { size: [4, 5], mode }).toArray()).toEqual(x.toArray())
    }
  })

  test('the cubic filter keeps straight lines away from the border, which Keys shows for a = -1/2 alone', () => {
    const x = reshape(arange(0, 64, 1, { dtype: 'float64' }), [1, 1, 8, 8]) as Tensor
    const y = interpolate(x, { scale: 2, mode: 'bicubic', antialias: true })
    const row = (y.toArray() as number[][][][])[0]![0]![8]!
    for (let i = 5; i < 11; i++) expect(row[i]! - row[i - 1]!).toBeCloseTo(0.5, 13)
  })

  test('a scale that does not divide: its own distances, or those of the sizes', () => {
    const x = tensor([[[0, 1, 2, 3, 4]]], { dtype: 'float64' })
    const own = interpolate(x, { scale: 1.5, mode: 'linear' })
    const recomputed = interpolate(x, { scale: 1.5, mode: 'linear', recomputeScale: true })
    expect(own.shape).toEqual([1, 1, 7])
    expect((own.toArray() as number[][][])[0]![0]![1]).toBeCloseTo(0.5, 14)
    expect((recomputed.toArray() as number[][][])[0]![0]![1]).toBeCloseTo((1.5 * 5) / 7 - 0.5, 14)
  })

  test('an axis that keeps its size under a scale stays as it is in the linear modes, as in PyTorch', () => {
    const line = tensor([[[0, 4, 1]]], { dtype: 'float64' })
    expect(interpolate(line, { scale: 1.2, mode: 'linear' }).toArray()).toEqual([[[0, 4, 1]]])
    // One axis stays, the other one does not.
    const image = tensor([[[[0, 4, 1]]]], { dtype: 'float64' })
    const y = interpolate(image, { scale: [2, 1.2], mode: 'bilinear' })
    expect(y.toArray()).toEqual([
      [
        [
          [0, 4, 1],
          [0, 4, 1],
        ],
      ],
    ])
    const filtered = interpolate(image, { scale: [2, 1.2], mode: 'bilinear', antialias: true })
    expect(filtered.toArray()).not.toEqual(y.toArray())
  })

  test('an infinite pixel stays where it is', () => {
    const x = tensor([[[1, Number.POSITIVE_INFINITY, 2]]])
    expect(interpolate(x, { size: 3, mode: 'linear' }).toArray()).toEqual([
      [[1, Number.POSITIVE_INFINITY, 2]],
    ])
  })

  test('large sizes are linear in their number of outputs', () => {
    const x = zeros([1, 1, 20000])
    expect(interpolate(x, { scale: 2, mode: 'linear' }).shape).toEqual([1, 1, 40000])
  })

  test('first and second order, and vmap', () => {
    const x = float64([2, 3, 4])
    checkGradients(x => square(interpolate(x as Tensor, { size: 7, mode: 'linear' })), x, { order: 2 })
    const each = vmap((x: Tensor) => interpolate(x, { size: [7], mode: 'linear' }))(x)
    expect(each.toArray()).toEqual(interpolate(x, { size: 7, mode: 'linear' }).toArray())
  })
})

describe('errors say what and where', () => {
  test.each([
    [() => new MaxPool2d(2).forward(zeros([4, 4])), /MaxPool2d.*takes \[batch, channels, height, width\]/],
    [() => new MaxPool2d([2, 2, 2]), /MaxPool2d: kernel must be a whole number from 1 up, or 2 of them/],
    [() => new MaxPool2d(2, { stride: 0 }), /stride must be/],
    [() => new AveragePool1d(2, { dilation: 2 } as object), /knows no 'dilation'/],
    [() => maxPool(zeros([1, 1, 3]), { kernel: 4 }), /no window of 4/],
    [() => maxPool(zeros([1, 1, 5]), { kernel: 2, padding: 2 }), /more than half of the kernel/],
    [() => maxPool(zeros([1, 1, 2]), { kernel: 2, dilation: 3, padding: 1 }), /no window/],
    [() => maxPool(zeros([4]), { kernel: 2 }), /\[batch, channels, ...space\]/],
    [() => maxPool(zeros([1, 1, 4]), { kernel: 2, padding: [1, 1, 1] }), /3 axes of space/],
    [() => averagePool(zeros([1, 1, 4]), { kernel: 2, divisor: 0 }), /divisor/],
    [() => lpPool(zeros([1, 1, 4]), { order: Infinity, kernel: 2 }), /maxPool\(abs/],
    [() => adaptiveAveragePool(zeros([1, 1, 4]), 0), /outputSize/],
    [() => adaptiveMaxPool(zeros([1, 1, 0]), 1), /nothing to pool/],
    [() => interpolate(zeros([1, 1, 4]), {}), /either size or scale/],
    [() => interpolate(zeros([1, 1, 4]), { scale: 2, mode: 'bilinear' }), /2 axes of space/],
    [() => interpolate(zeros([1, 1, 4]), { scale: 2, alignCorners: true }), /linear and cubic/],
    [() => interpolate(zeros([1, 1, 4]), { scale: 2, mode: 'linear', antialias: true }), /antialias/],
    [() => interpolate(zeros([1, 1, 4]), { scale: 2, mode: 'area2' as 'area' }), /the mode is one of/],
    [() => new Upsample({ size: 2, scale: 2 }), /either size or scale/],
  ])('%s', (call, message) => {
    expect(call).toThrow(message)
  })

  test('shapes are ShapeErrors', () => {
    expect(() => maxPool(zeros([1, 1, 3]), { kernel: 4 })).toThrow(ShapeError)
  })

  test('layers show their settings', () => {
    expect(String(new MaxPool2d([2, 3], { stride: 1 }))).toBe('MaxPool2d(kernel [2, 3], stride 1)')
    expect(String(new AveragePool1d(2))).toBe('AveragePool1d(kernel 2, stride 2)')
    expect(String(new AdaptiveAveragePool2d([null, 1]))).toBe('AdaptiveAveragePool2d([null,1])')
    expect(String(new Upsample({ scale: 2, mode: 'bilinear' }))).toBe('Upsample(scale 2, bilinear)')
  })
})
