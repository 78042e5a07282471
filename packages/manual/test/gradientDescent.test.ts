import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gradientDescent, matrix, zeros } from '../src/index.ts'
import { entry, errorOf, matricesOf } from './support.ts'

describe('gradientDescent', () => {
  it('is W − α dW, bit for bit, and leaves W alone', () => {
    fc.assert(
      fc.property(matricesOf(entry, entry), entry, ([W, dW], alpha) => {
        const before = Float64Array.from(W!.data)
        const next = gradientDescent({ W: W! }, { dW: dW! }, alpha)
        expect(next.W.data).toEqual(before.map((value, i) => value - alpha * dW!.data[i]!))
        expect(W!.data).toEqual(before)
      }),
    )
  })

  it('takes any names and passes over what belongs to no parameter', () => {
    const one = matrix([1, 1], [1])
    const gradients = { dz1: one, dW1: one, db1: one }
    const next = gradientDescent({ W1: one, b1: one }, gradients, 2)
    expect(next).toEqual({ W1: matrix([1, 1], [-1]), b1: matrix([1, 1], [-1]) })
  })

  it('refuses a gradient that is missing or has another shape', () => {
    const W = zeros([2, 1])
    expect(errorOf(() => gradientDescent({ W }, {} as { dW: typeof W }, 1)).message).toBe(
      'gradientDescent: W has no gradient. Add dW to the gradients.',
    )
    expect(errorOf(() => gradientDescent({ W }, { dW: zeros([2, 2]) }, 1)).message).toBe(
      'gradientDescent: W is (2, 1) but dW is (2, 2). They must have one shape.',
    )
  })
})
