// Dropout: off outside of training, exact at its ends, by its generator alone, with the same mask backward.
import {
  checkpoint,
  grad,
  gradients,
  normal,
  ones,
  Rng,
  standardDeviation,
  type Tensor,
  tensor,
  vmap,
  zeros,
} from '@adjoint/core'
import { AlphaDropout, Dropout, FeatureAlphaDropout, SpatialDropout, sequential } from '@adjoint/nn'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import { errorOf } from './support.ts'

const kinds = { Dropout, SpatialDropout, AlphaDropout, FeatureAlphaDropout }
const training = (seed: number): { training: boolean; rng: Rng } => ({ training: true, rng: new Rng(seed) })

describe.each(Object.entries(kinds))('%s', (name, Kind) => {
  const x = normal(new Rng(1), [3, 4, 2], { dtype: 'float64' }) as Tensor

  test('outside of training, and at rate 0, the input goes through itself', () => {
    expect(new Kind(0.3).forward(x)).toBe(x)
    expect(new Kind(0.3).forward(x, { rng: new Rng(0) })).toBe(x)
    expect(new Kind(0).forward(x, { training: true })).toBe(x)
  })

  test('at rate 1 everything is 0, and the gradient too', () => {
    const input = tensor([[[1, 2]]], { requiresGrad: true }) as Tensor
    const y = new Kind(1).forward(input, training(0))
    expect(Array.from(y.data(), Math.abs)).toEqual([0, 0])
    expect(gradients(y.sum(), [input])[0]!.toArray()).toEqual([[[0, 0]]])
  })

  test('the same generator gives the same pass, another one another', () => {
    const layer = new Kind(0.5)
    const first = layer.forward(x, training(3))
    expect(layer.forward(x, training(3)).toArray()).toEqual(first.toArray())
    expect(layer.forward(x, training(4)).toArray()).not.toEqual(first.toArray())
    const rng = new Rng(3)
    layer.forward(x, { training: true, rng })
    expect(layer.forward(x, { training: true, rng }).toArray()).not.toEqual(first.toArray())
  })

  test('derivatives to the second order, with the generator inside of the function', () => {
    const layer = new Kind(0.4)
    const f = (input: Tensor): Tensor => layer.forward(input, training(5)).sin()
    expect(checkGradients(f, x, { order: 2 }).passes).toBe(true)
  })

  test('dtypes stay, and so does the shape', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const y = new Kind(0.5).forward(zeros([2, 3, 1], { dtype }), training(0))
      expect([y.dtype, y.shape]).toEqual([dtype, [2, 3, 1]])
    }
  })

  test('mistakes', () => {
    for (const [rate, told] of [
      [-0.1, '-0.1'],
      [1.1, '1.1'],
      [Number.NaN, 'NaN'],
      ['0.5' as never, "'0.5'"],
    ] as const) {
      expect(errorOf(() => new Kind(rate)).message).toBe(
        `${name}: the rate must be a number from 0 to 1, got ${told}.`,
      )
    }
    expect(errorOf(() => new Kind(0.5).forward(x, { training: true })).message).toBe(
      `${name}(0.5): draws random numbers in training and got no generator; pass { training: true, rng: new Rng(0) }.`,
    )
    expect(String(new Kind())).toBe(`${name}(0.5)`)
  })
})

test('channels share their fate', () => {
  for (const Kind of [SpatialDropout, FeatureAlphaDropout]) {
    const y = new Kind(0.5).forward(ones([8, 8, 2, 3]), training(0))
    const [least, most] = [y.min([2, 3]), y.max([2, 3])]
    expect(least.toArray()).toEqual(most.toArray())
    expect(new Set(least.data()).size).toBe(2)
    expect(errorOf(() => new Kind(0.5).forward(ones([4]), training(0))).message).toContain(
      'takes [batch, channels, ...space], got [4].',
    )
  }
})

test('alpha dropout keeps mean 0 and variance 1', () => {
  const count = 200_000
  for (const rate of [0.1, 0.5, 0.8]) {
    const x = normal(new Rng(1), [count], { dtype: 'float64' }) as Tensor
    const y = new AlphaDropout(rate).forward(x, training(2))
    // Five standard deviations of the estimates; the fourth moment of y is below 10 at all of these rates.
    expect(Math.abs(y.mean().item())).toBeLessThan(5 / Math.sqrt(count))
    expect(Math.abs(standardDeviation(y).item() - 1)).toBeLessThan(
      (5 * Math.sqrt(10)) / (2 * Math.sqrt(count)),
    )
  }
})

test('layers of a chain draw one after the other from one generator', () => {
  const chain = sequential(new Dropout(0.5), new Dropout(0.5))
  const rng = new Rng(7)
  const first = new Dropout(0.5).forward(ones([20]), { training: true, rng })
  const both = new Dropout(0.5).forward(first, { training: true, rng })
  expect(chain.forward(ones([20]), training(7)).toArray()).toEqual(both.toArray())
})

test('under checkpoint a generator from outside is refused, one from inside is right', () => {
  const layer = new Dropout(0.5)
  const x = ones([64], { dtype: 'float64' }) as Tensor
  const shared = training(0)
  const wrong = checkpoint((input: Tensor) => layer.forward(input, shared).square())
  expect(errorOf(() => grad((input: Tensor) => wrong(input).sum())(x)).message).toContain(
    'must not draw from a shared random generator',
  )
  const right = checkpoint((input: Tensor) => layer.forward(input, training(0)).square())
  const found = grad((input: Tensor) => right(input).sum())(x)
  expect(found.toArray()).toEqual(layer.forward(x, training(0)).mul(4).toArray())
})

test('inside of vmap all examples share one mask', () => {
  const layer = new Dropout(0.5)
  const y = vmap((row: Tensor) => layer.forward(row, training(1)))(ones([3, 16]))
  expect(y.slice(0).toArray()).toEqual(y.slice(2).toArray())
})
