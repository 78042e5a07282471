// Clipping of gradients, and averages of parameters: formulas, what is left alone, saved states.
import { Parameter, Rng, type Tensor, tensor } from '@adjoint/core'
import { describe, expect, test } from 'vitest'
import {
  Adam,
  clipGradientNorm,
  clipGradientValue,
  ExponentialMovingAverage,
  Lookahead,
  OptimizerStateError,
  ParameterAverage,
  SGD,
  StochasticWeightAverage,
} from '../src/index.ts'
import { distance } from './support.ts'

const float64 = { dtype: 'float64' } as const
const json = (value: unknown): never => JSON.parse(JSON.stringify(value)) as never
const parameter = (values: readonly number[], name = 'w'): Parameter =>
  new Parameter(tensor([...values], float64) as Tensor, name)

describe('clipGradientNorm', () => {
  const make = (): [Parameter, Parameter] => {
    const [w, v] = [parameter([3, -4]), parameter([12])]
    w.square().sum().add(v.square().sum()).div(2).backward()
    return [w, v]
  }

  test.each([
    [2, 13],
    [1, 19],
    [Infinity, 12],
    [3, (27 + 64 + 1728) ** (1 / 3)],
  ])('with order %d', (order, norm) => {
    const [w, v] = make()
    const found = clipGradientNorm([w, v], 1, { order }).item()
    expect(found).toBeCloseTo(norm, 10)
    const scale = 1 / (found + 1e-6)
    expect(
      distance([...w.grad!.data(), ...v.grad!.data()], [3 * scale, -4 * scale, 12 * scale]),
    ).toBeLessThan(1e-14)
  })

  test('leaves gradients that are short enough as they are', () => {
    const [w, v] = make()
    const before = [w.grad, v.grad]
    expect(clipGradientNorm([w, v], 100).item()).toBe(13)
    expect([w.grad, v.grad]).toEqual(before)
    expect(w.grad).toBe(before[0])
  })

  test('does not make a used gradient fresh again', () => {
    const [w, v] = make()
    const optimizer = new SGD([w, v], { learningRate: 0.1 })
    optimizer.step()
    expect(clipGradientNorm([w, v], 1).item()).toBe(0)
    clipGradientValue([w, v], 1)
    expect(() => optimizer.step()).toThrow('belong to values from before the last update')
    w.sum().backward()
    const before = v.toArray()
    expect(clipGradientNorm([w, v], 1).item()).toBeCloseTo(Math.SQRT2, 12)
    optimizer.step()
    expect(v.toArray()).toEqual(before)
  })

  test('clips a gradient that was put there by hand, also after a step', () => {
    const [w] = make()
    new SGD([w], { learningRate: 0.1 }).step()
    w.grad = tensor([0, 5], float64) as Tensor
    expect(clipGradientNorm([w], 1).item()).toBe(5)
    expect(distance(w.grad.data(), [0, 1])).toBeLessThan(1e-6)
  })

  test('refuses what is not finite only when it is asked to', () => {
    const w = parameter([1, 2])
    w.grad = tensor([Number.NaN, 1], float64) as Tensor
    expect(() => clipGradientNorm([w], 1, { refuseNonFinite: true })).toThrow(
      'the norm of the gradients is NaN.',
    )
    expect(w.grad.toArray()).toEqual([Number.NaN, 1])
    expect(clipGradientNorm([w], 1).item()).toBeNaN()
    expect(w.grad.toArray()).toEqual([Number.NaN, Number.NaN])
    expect(() => clipGradientNorm([w], -1)).toThrow(
      'the largest norm must be a finite number from 0 up, got -1.',
    )
    expect(() => clipGradientNorm([w], 1, { norm: 2 } as never)).toThrow("knows no 'norm'")
  })
})

test('clipGradientValue keeps every element in its bounds', () => {
  const w = parameter([0.25, -4, 4])
  w.square().sum().backward()
  clipGradientValue([w], 1)
  expect(w.grad!.toArray()).toEqual([0.5, -1, 1])
})

describe('averages', () => {
  /** Values of a parameter over some steps. */
  const walk = Array.from({ length: 12 }, (_, i) => [...new Rng(i).normal([2], float64).data()])

  test('an exponential one is its formula, warming up or not', () => {
    for (const warmUp of [true, false]) {
      const w = parameter([1, 2])
      const average = new ExponentialMovingAverage([w], { decay: 0.8, warmUp })
      let expected = [1, 2]
      for (const [i, values] of walk.entries()) {
        w.assign(tensor(values, float64))
        average.update()
        const kept = warmUp ? Math.min(0.8, (2 + i) / (11 + i)) : 0.8
        expected = expected.map((a, k) => kept * a + (1 - kept) * values[k]!)
      }
      expect(distance(average.averages[0]!.data(), expected)).toBeLessThan(1e-12)
    }
  })

  test('a stochastic one is the mean', () => {
    const w = parameter([100, 100])
    const average = new StochasticWeightAverage([w])
    for (const values of walk) {
      w.assign(tensor(values, float64))
      average.update()
    }
    const mean = [0, 1].map(k => walk.reduce((sum, values) => sum + values[k]!, 0) / walk.length)
    expect(distance(average.averages[0]!.data(), mean)).toBeLessThan(1e-12)
    average.apply()
    expect(distance(w.data(), mean)).toBeLessThan(1e-12)
  })

  test('stand in for the parameters in a scope, also when it throws', () => {
    const w = parameter([8])
    const average = new ExponentialMovingAverage([w], { decay: 0.5, warmUp: false })
    w.assign(tensor([4], float64))
    average.update()
    expect(average.withAverage(() => w.toArray())).toEqual([6])
    expect(w.toArray()).toEqual([4])
    expect(() =>
      average.withAverage(() => {
        throw new RangeError('inside')
      }),
    ).toThrow(RangeError)
    expect(w.toArray()).toEqual([4])
    expect(() => average.withAverage(async () => 1)).toThrow('takes a function that returns no promise.')
    expect(w.toArray()).toEqual([4])
  })

  test('do not disturb the training, nor follow what is assigned later', () => {
    const run = (averaged: boolean): unknown => {
      const w = parameter([3, -2])
      const optimizer = new Adam([w], { learningRate: 0.1 })
      const average = new ExponentialMovingAverage([w])
      for (let step = 0; step < 5; step++) {
        w.square().sum().backward()
        optimizer.step()
        if (averaged) {
          average.update()
          average.withAverage(() => w.square().sum().item())
        }
      }
      return w.toArray()
    }
    expect(run(true)).toEqual(run(false))
  })

  test('copy what cannot be averaged', () => {
    const count = new Parameter(tensor([1, 2], { dtype: 'int32' }) as Tensor, 'count', { trainable: false })
    const average = new ExponentialMovingAverage([count])
    count.assign(tensor([7, 8], { dtype: 'int32' }))
    average.update()
    expect(average.averages[0]!.toArray()).toEqual([7, 8])
  })

  test('go on from a saved state, to the bit', () => {
    const [w, v] = [parameter([1, 2]), parameter([0, 0])]
    const [first, second] = [new ExponentialMovingAverage([w]), new ExponentialMovingAverage([v])]
    for (const [i, values] of walk.entries()) {
      if (i === 6) second.loadState(json(first.state))
      w.assign(tensor(values, float64))
      v.assign(tensor(values, float64))
      first.update()
      second.update()
    }
    expect(json(second.state)).toEqual(json(first.state))
    const wrong = [null, {}, { updates: -1, averages: [] }, { updates: 1, averages: [tensor([1])] }]
    for (const state of wrong) expect(() => first.loadState(state as never)).toThrow(OptimizerStateError)
    expect(json(second.state)).toEqual(json(first.state))
  })

  test('refuse a decay above 1, and options that they do not know', () => {
    const w = parameter([1])
    expect(() => new ExponentialMovingAverage([w], { decay: 1.5 })).toThrow(
      'decay must be at most 1, got 1.5.',
    )
    expect(() => new ExponentialMovingAverage([w], { momentum: 1 } as never)).toThrow(
      "knows no option 'momentum'",
    )
    expect(() => new ParameterAverage('mine', [], () => 1)).toThrow('mine: got no parameters')
  })
})

describe('Lookahead', () => {
  const make = (w: Parameter) => {
    const fast = new SGD([w], { learningRate: 0.1, momentum: 0.5 })
    return { fast, slow: new Lookahead(fast, { every: 3, share: 0.25 }) }
  }
  const step = (w: Parameter, optimizer: { step(): void }): void => {
    w.square().sum().backward()
    optimizer.step()
  }

  test('takes every third step back', () => {
    const [w, alone] = [parameter([1]), parameter([1])]
    const [{ slow }, { fast }] = [make(w), make(alone)]
    for (let i = 0; i < 3; i++) {
      step(w, slow)
      step(alone, fast)
    }
    expect(w.item()).toBeCloseTo(1 + 0.25 * (alone.item() - 1), 14)
  })

  test('goes on from a saved state, to the bit', () => {
    const [w, v] = [parameter([1]), parameter([5])]
    const [first, second] = [make(w), make(v)]
    for (let i = 0; i < 4; i++) step(w, first.slow)
    v.assign(w)
    second.fast.loadState(json(first.fast.state))
    second.slow.loadState(json(first.slow.state))
    for (let i = 0; i < 4; i++) {
      step(w, first.slow)
      step(v, second.slow)
    }
    expect(v.item()).toBe(w.item())
    expect(json(second.slow.state)).toEqual(json(first.slow.state))
  })

  test('refuses half a step', () => {
    expect(() => new Lookahead(make(parameter([1])).fast, { every: 1.5 })).toThrow(
      'every must be a whole number',
    )
  })
})
