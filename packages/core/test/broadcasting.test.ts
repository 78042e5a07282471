import { add, sub, tensor } from '@adjoint/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, errorOf, positionsOf, randomTensor } from './support.ts'

/** NumPy's rule, written down once more: align at the right, equal or 1. */
function referenceShape(left: readonly number[], right: readonly number[]): number[] | undefined {
  const rank = Math.max(left.length, right.length)
  const shape: number[] = []
  for (let axis = 0; axis < rank; axis++) {
    const l = left[left.length - rank + axis] ?? 1
    const r = right[right.length - rank + axis] ?? 1
    if (l !== r && l !== 1 && r !== 1) return undefined
    shape.push(l === 1 ? r : l)
  }
  return shape
}

const shapes = fc.array(fc.constantFrom(1, 1, 2, 3, 0), { maxLength: 4 })

test('every pair of shapes gives the elements that NumPy gives, or a ShapeError', () => {
  fc.assert(
    fc.property(shapes, shapes, (left, right) => {
      const x = randomTensor(left, 1)
      const y = randomTensor(right, 2)
      const shape = referenceShape(left, right)
      if (shape === undefined) {
        expect(errorOf(() => add(x, y))).toMatch(/^ShapeError: add: cannot broadcast/)
        return
      }
      const difference = sub(x, y)
      expect(difference.shape).toEqual(shape)
      for (const position of positionsOf(shape)) {
        const inside = (sizes: readonly number[]) =>
          sizes.map((size, axis) => (size === 1 ? 0 : position[shape.length - sizes.length + axis]!))
        expect(at(difference, position)).toBe(at(x, inside(left)) - at(y, inside(right)))
      }
    }),
  )
})

describe('the message', () => {
  const message = (left: readonly number[], right: readonly number[]): string =>
    errorOf(() => add(randomTensor(left, 1), randomTensor(right, 2)))

  test('names both shapes and the axis', () => {
    expect(message([2, 3], [2, 4])).toBe(
      'ShapeError: add: cannot broadcast [2, 3] with [2, 4]: axis -1 has 3 on the left and 4 on the right (sizes must be equal, or one of them 1).',
    )
    expect(message([5, 2, 3], [4, 2, 3])).toBe(
      'ShapeError: add: cannot broadcast [5, 2, 3] with [4, 2, 3]: axis -3 has 5 on the left and 4 on the right (sizes must be equal, or one of them 1).',
    )
  })

  test('suggests the axis of size 1 that is missing', () => {
    expect(message([2, 3], [2])).toBe(
      'ShapeError: add: cannot broadcast [2, 3] with [2]: axis -1 has 3 on the left and 2 on the right (sizes must be equal, or one of them 1). Did you mean right.unsqueeze(-1), of shape [2, 1]?',
    )
    expect(message([4, 3], [4, 2, 3])).toBe(
      'ShapeError: add: cannot broadcast [4, 3] with [4, 2, 3]: axis -2 has 4 on the left and 2 on the right (sizes must be equal, or one of them 1). Did you mean left.unsqueeze(1), of shape [4, 1, 3]?',
    )
  })

  test('the advice works', () => {
    const [x, y] = [
      tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      tensor([10, 20]),
    ]
    expect(x.add(y.unsqueeze(-1)).toArray()).toEqual([
      [11, 12, 13],
      [24, 25, 26],
    ])
  })
})
