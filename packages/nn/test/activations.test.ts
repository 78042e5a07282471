// Activations that are layers with parameters or random numbers of their own.
import { ArgumentError, Rng, ShapeError, tensor, zeros } from '@adjoint/core'
import { checkGradients } from '@adjoint/testing'
import { describe, expect, test } from 'vitest'
import { Prelu, parameters, Rrelu } from '../src/index.ts'
import { errorOf } from './support.ts'

describe('Prelu', () => {
  test('one slope for all, or one for each channel', () => {
    const shared = new Prelu({ slope: 0.5, dtype: 'float64' })
    expect(shared.forward(tensor([[-2, 2]], { dtype: 'float64' })).toArray()).toEqual([[-1, 2]])
    const each = new Prelu({ channels: 2, dtype: 'float64' })
    each.weight.assign(tensor([0.5, 0.25], { dtype: 'float64' }))
    const image = tensor([[[[-4]], [[-4]]]], { dtype: 'float64' })
    expect(each.forward(image).toArray()).toEqual([[[[-2]], [[-1]]]])
    expect(parameters(each)).toHaveLength(1)
    expect([String(shared), String(each)]).toEqual(['Prelu()', 'Prelu(2)'])
  })

  test('gradients to second order', () => {
    const layer = new Prelu({ channels: 3, dtype: 'float64' })
    const x = new Rng(1).normal([2, 3, 2], { dtype: 'float64' })
    expect(checkGradients(x => layer.forward(x).square().sum(), x, { order: 2 }).passes).toBe(true)
  })

  test('mistakes', () => {
    const error = errorOf(() => new Prelu({ channels: 3 }).forward(zeros([2, 4])))
    expect(error).toBeInstanceOf(ShapeError)
    expect(error.message).toBe(
      'Prelu: has 3 slopes, one for each channel, and takes [batch, 3, ...], got [2, 4].',
    )
    expect(errorOf(() => new Prelu({ channels: 0 }))).toBeInstanceOf(ArgumentError)
    expect(errorOf(() => new Prelu({ slope: Number.NaN }))).toBeInstanceOf(ArgumentError)
  })
})

describe('Rrelu', () => {
  const layer = new Rrelu({ low: 0.25, high: 0.75 })
  const x = tensor([-1, -1, -1, 2], { dtype: 'float64' })

  test('inference takes the slope in the middle', () => {
    expect(layer.forward(x).toArray()).toEqual([-0.5, -0.5, -0.5, 2])
  })

  test('training draws slopes, the same from the same generator', () => {
    const pass = (seed: number) => layer.forward(x, { training: true, rng: new Rng(seed) }).data()
    const found = pass(1)
    expect(found).toEqual(pass(1))
    expect(found).not.toEqual(pass(2))
    expect(new Set(found).size).toBe(4)
    for (const value of found.slice(0, 3)) {
      expect(value).toBeLessThan(-0.25)
      expect(value).toBeGreaterThan(-0.75)
    }
    expect(found[3]).toBe(2)
  })

  test('mistakes', () => {
    expect(errorOf(() => layer.forward(x, { training: true })).message).toBe(
      'Rrelu: draws random numbers in training and got no generator; pass { training: true, rng: new Rng(0) }.',
    )
    expect(errorOf(() => new Rrelu({ low: 1, high: 0 })).message).toBe(
      'Rrelu: low (1) and high (0) must be finite, and low not above high.',
    )
  })
})
