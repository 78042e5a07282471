// Layers that rearrange: what they undo, and what they refuse.
import { arange, gradients, mul, Rng, reshape, sum, type Tensor, zeros } from '@adjoint/core'
import {
  ChannelShuffle,
  CircularPad,
  ConstantPad,
  Dense,
  Flatten,
  Fold,
  Identity,
  PixelShuffle,
  PixelUnshuffle,
  ReflectionPad,
  sequential,
  Unflatten,
  Unfold,
  ZeroPad,
} from '@adjoint/nn'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const numbered = (shape: readonly number[]): Tensor =>
  reshape(arange(shape.reduce((a, b) => a * b, 1)), shape) as Tensor

/** The gradient of a layer that only rearranges: every cotangent goes back to the element that it stands at. */
function expectPermutation(forward: (x: Tensor) => Tensor, shape: readonly number[]): void {
  const x = numbered(shape)
  x.requiresGrad = true
  const y = forward(x)
  const cotangent = numbered(y.shape)
  const [dx] = gradients(sum(mul(y, cotangent)), [x])
  const [from, to] = [Array.from(y.data(), Number), Array.from(dx!.data(), Number)]
  expect([...from].sort((a, b) => a - b)).toEqual(from.map((_, i) => i))
  from.forEach((element, at) => {
    expect(to[element]).toBe(at)
  })
}

const size = fc.integer({ min: 1, max: 3 })

describe('permutations', () => {
  test('pixelShuffle, pixelUnshuffle and channelShuffle only move elements', () => {
    fc.assert(
      fc.property(size, size, size, size, size, (n, c, h, w, r) => {
        expectPermutation(x => new PixelShuffle(r).forward(x), [n, c * r * r, h, w])
        expectPermutation(x => new PixelUnshuffle(r).forward(x), [n, c, h * r, w * r])
        expectPermutation(x => new ChannelShuffle(r).forward(x), [n, c * r, h, w])
        const x = numbered([n, c * r * r, h, w])
        expect(new PixelUnshuffle(r).forward(new PixelShuffle(r).forward(x)).toArray()).toEqual(x.toArray())
        const dealt = new ChannelShuffle(r).forward(numbered([n, c * r, h]))
        expect(new ChannelShuffle(c).forward(dealt).toArray()).toEqual(numbered([n, c * r, h]).toArray())
      }),
    )
  })
})

describe('flatten and unflatten', () => {
  test('undo each other', () => {
    const x = numbered([2, 3, 4, 5])
    expect(new Flatten().forward(x).shape).toEqual([2, 60])
    expect(new Flatten(1, 2).forward(x).shape).toEqual([2, 12, 5])
    expect(new Unflatten(-1, [3, -1, 5]).forward(new Flatten().forward(x)).toArray()).toEqual(x.toArray())
  })

  test('stand in front of a dense layer', () => {
    const model = sequential(new ZeroPad([1, 1]), new Flatten(), new Dense(32, 2, { rng: new Rng(0) }))
    expect(model.forward(zeros([3, 2, 2, 2])).shape).toEqual([3, 2])
  })

  test('refuse what does not fit', () => {
    expect(() => new Unflatten(1, [2, 5]).forward(zeros([2, 12]))).toThrow(/12 elements.*\[2, 5\]/)
    expect(() => new Unflatten(4, [2])).not.toThrow()
    expect(() => new Unflatten(4, [2]).forward(zeros([2, 12]))).toThrow(/axis 4/)
    expect(() => new Unflatten(0, [-1, -1])).toThrow(/one of them perhaps -1/)
    expect(() => new PixelShuffle(0)).toThrow(/factor/)
    expect(() => new ChannelShuffle(3).forward(zeros([1, 4, 2]))).toThrow(/multiple of 3/)
  })
})

describe('padding', () => {
  test('the widths say how many axes are space; batch and channels stay', () => {
    expect(new ZeroPad([1]).forward(zeros([2, 3, 4])).shape).toEqual([2, 3, 6])
    expect(new ZeroPad([1, [0, 2]]).forward(zeros([3, 4, 4])).shape).toEqual([3, 6, 6])
    expect(new ConstantPad([1, 1, -1], 7).forward(zeros([1, 1, 2, 2, 4])).shape).toEqual([1, 1, 4, 4, 2])
    expect(new CircularPad([2]).forward(numbered([1, 3])).toArray()).toEqual([[1, 2, 0, 1, 2, 0, 1]])
  })

  test('errors', () => {
    expect(() => new ZeroPad([] as never)).toThrow(/one entry for each axis/)
    expect(() => new ZeroPad([1.5])).toThrow(/whole number/)
    expect(() => new ZeroPad([1, 1]).forward(zeros([4, 4]))).toThrow(/height, width/)
    expect(() => new ReflectionPad([3]).forward(zeros([1, 1, 3]))).toThrow(/fewer than its size/)
  })
})

test('fold of unfold counts how often every pixel is in a patch', () => {
  const x = numbered([1, 2, 4, 4])
  const settings = { stride: 2, padding: 1 }
  const back = new Fold(4, 3, settings).forward(new Unfold(3, settings).forward(x))
  const counts = new Fold(4, 3, settings).forward(
    new Unfold(3, settings).forward(reshape(zeros([32]).add(1), [1, 2, 4, 4]) as Tensor),
  )
  expect(back.toArray()).toEqual(mul(x, counts).toArray())
})

test('identity gives the very tensor', () => {
  const x = zeros([2])
  expect(new Identity().forward(x)).toBe(x)
})
