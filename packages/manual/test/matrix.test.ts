import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Layout, matrix, sigmoid, softmax, transpose, zeros, zerosLike } from '../src/index.ts'
import { entry, errorOf, matricesOf, single } from './support.ts'

describe('matrix', () => {
  it('keeps a typed array and copies a plain one to float64', () => {
    const data = Float32Array.of(1, 2)
    expect(matrix([1, 2], data).data).toBe(data)
    expect(matrix([1, 2], [1, 2]).data).toEqual(Float64Array.of(1, 2))
  })

  it('refuses data of another length, and sizes that are none', () => {
    expect(errorOf(() => matrix([2, 3], [1, 2, 3, 4])).message).toBe(
      'matrix: the shape (2, 3) needs 6 numbers, but 4 were given.',
    )
    expect(errorOf(() => matrix([2, 1.5], [])).message).toBe(
      'matrix: the shape (2, 1.5) must be two whole numbers, none negative.',
    )
  })

  it('makes zeros in float64, or like another matrix', () => {
    expect(zeros([2, 1])).toEqual(matrix([2, 1], [0, 0]))
    expect(zerosLike(matrix([1, 2], Float32Array.of(3, 4))).data).toEqual(new Float32Array(2))
  })

  it('is its own transpose, transposed twice', () => {
    expect(transpose(matrix([2, 3], [1, 2, 3, 4, 5, 6]))).toEqual(matrix([3, 2], [1, 4, 2, 5, 3, 6]))
    fc.assert(
      fc.property(matricesOf(entry), ([A]) => {
        expect(transpose(transpose(A!))).toEqual(A)
      }),
    )
  })
})

describe('precision', () => {
  it('follows the inputs: float32 only where all are', () => {
    const z = matrix([1, 2], [0.5, -1])
    const a = sigmoid.forward(single(z), 'columns')
    expect(a.data).toBeInstanceOf(Float32Array)
    const backward = { z: single(z), a, layout: 'columns' } as const
    expect(sigmoid.backward({ ...backward, da: single(z) }).data).toBeInstanceOf(Float32Array)
    expect(sigmoid.backward({ ...backward, da: z }).data).toBeInstanceOf(Float64Array)
  })
})

describe('layout', () => {
  it('is named when it is neither rows nor columns', () => {
    const wrong = 'diagonal' as Layout
    expect(errorOf(() => softmax.forward(zeros([2, 2]), wrong)).message).toBe(
      "The layout must be 'rows' or 'columns', not diagonal.",
    )
  })
})
