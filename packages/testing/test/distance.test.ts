import { ShapeError, tensor } from '@adjoint/core'
import { distance, ulpDistance } from '@adjoint/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

describe('ulpDistance', () => {
  test.each([
    ['neighbours of 1', 1, 1 + 2 ** -52, 'float64', 1],
    ['below a power of two the numbers lie closer', 1, 1 - 2 ** -53, 'float64', 1],
    ['across zero: the two smallest numbers', -5e-324, 5e-324, 'float64', 2],
    ['zeros of both signs', -0, 0, 'float64', 0],
    ['largest number and infinity', Number.MAX_VALUE, Number.POSITIVE_INFINITY, 'float64', 1],
    ['one binade holds 2^52 numbers', 1, 2, 'float64', 2 ** 52],
    ['neighbours in float32', 1, 1 + 2 ** -23, 'float32', 1],
    ['one binade of float32', 1, 2, 'float32', 2 ** 23],
    ['float32 rounds first', 0.1, Math.fround(0.1), 'float32', 0],
    ['across zero in float32', -(2 ** -149), 2 ** -149, 'float32', 2],
    ['whole numbers', 3, -4, 'int32', 7],
    ['NaN and NaN', Number.NaN, Number.NaN, 'float64', 0],
    ['NaN and a number', Number.NaN, 1, 'float64', Number.POSITIVE_INFINITY],
  ] as const)('%s', (_, x, y, dtype, expected) => {
    expect(ulpDistance(x, y, dtype)).toBe(expected)
    expect(ulpDistance(y, x, dtype)).toBe(expected)
  })

  test('is 0 for the same number only', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (x, y) => {
        expect(ulpDistance(x, y) === 0).toBe(x === y)
      }),
    )
  })
})

describe('distance', () => {
  test('measures the largest difference and where it is', () => {
    const { maxAbs, maxRel, maxUlp, worstIndex } = distance(
      tensor([
        [1, 2],
        [3, 4],
      ]),
      [
        [1, 2.5],
        [3, 4],
      ],
    )
    expect([maxAbs, maxRel, worstIndex]).toEqual([0.5, 0.125, [0, 1]])
    expect(maxUlp).toBe(2 ** 50)
  })

  test('takes every form of numbers', () => {
    const matrix = { shape: [2, 1], data: [1, 2] }
    const forms = [tensor([[1], [2]]), matrix, [[1], [2]]]
    for (const form of forms) expect(distance(form, matrix).maxAbs).toBe(0)
    expect(distance(new Float64Array([1, 2]), [1, 2]).maxAbs).toBe(0)
    expect(distance(3, tensor(3)).worstIndex).toEqual([])
  })

  test('equal infinities and NaN are no difference, others an infinite one', () => {
    const { POSITIVE_INFINITY: infinity, NaN: nan } = Number
    expect(distance([infinity, nan], [infinity, nan]).maxAbs).toBe(0)
    expect(distance([infinity], [1])).toMatchObject({ maxAbs: infinity, maxRel: infinity })
    expect(distance([nan], [1])).toMatchObject({ maxAbs: infinity, maxUlp: infinity })
  })

  test('of nothing is 0', () => {
    expect(distance([], [])).toEqual({ maxAbs: 0, maxRel: 0, maxUlp: 0, worstIndex: [0] })
  })

  test('refuses other shapes and what is no number', () => {
    expect(() => distance([1, 2], [[1, 2]])).toThrow(ShapeError)
    expect(() => distance([1, 2], [[1, 2]])).toThrow('cannot compare [2] with [1, 2]')
    expect(() => distance([[1], [2, 3]], [1])).toThrow("'actual' holds ragged nested arrays")
    expect(() => distance({ shape: [3], data: [1] }, [1])).toThrow('1 numbers for shape [3], which needs 3')
    expect(() => distance('1' as never, [1])).toThrow("'actual' holds a string")
  })
})
