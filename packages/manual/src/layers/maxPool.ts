import { type NumericArray, zerosOf } from '../array.ts'
import { forEachPosition, planesOf } from '../positions.ts'
import { countWindows, forEachInWindow, type Windows } from '../windows.ts'

/** What `maxPool.forward` takes: x is (..., space), with as many axes of space as the windows have. */
export interface MaxPoolForwardInputs extends Windows {
  readonly x: NumericArray
}

/** What a max pooling remembers: for every output, the number in its plane of the entry that it is. */
export interface MaxPoolCache {
  readonly y: NumericArray
  readonly indices: Int32Array
}

/** What `maxPool.backward` takes: dy is the derivative of L with respect to y. */
export interface MaxPoolBackwardInputs {
  readonly dy: NumericArray
  readonly x: NumericArray
  readonly indices: Int32Array
  /** Number of axes of space. */
  readonly axes: number
}

/**
 * Max pooling: every output is the largest entry of a window W_i of its plane,
 *
 *     y_i = max_(p ∈ W_i) x_p = x_(p(i))      p(i) the first place where the largest entry is
 *
 * As long as no two entries of a window are equal, a small change of x leaves p(i) where it is. So ∂y_i/∂x_p = [p = p(i)], and
 * an entry collects what all windows send that it is the largest of:
 *
 *     dx_p = Σ_i [p(i) = p] dy_i
 *
 * Where entries are equal the derivative does not exist; this formula sends dy_i to the first of them.
 */
export const maxPool: {
  /** (..., space) → (..., windows). */
  forward(inputs: MaxPoolForwardInputs): MaxPoolCache
  /** From dy to dx, in the shape of x. */
  backward(inputs: MaxPoolBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, ...windows }) => {
    const { lead, space, count, size } = planesOf(x, windows.kernel.length)
    const outputs = countWindows(space, windows)
    const y = zerosOf([...lead, ...outputs], [x])
    const indices = new Int32Array(y.data.length)
    let to = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(outputs, i => {
        let [largest, place] = [-Infinity, -1]
        forEachInWindow(i, space, windows, p => {
          const entry = x.data[plane * size + p]!
          if (place < 0 || entry > largest || Number.isNaN(entry)) [largest, place] = [entry, p]
        })
        y.data[to] = largest
        indices[to++] = place
      })
    }
    return { y, indices }
  },

  backward: ({ dy, x, indices, axes }) => sendBack(dy, x, indices, axes),
}

/** dx_p = Σ_i [p(i) = p] dy_i, plane by plane: whatever the windows were. */
export function sendBack(
  dy: NumericArray,
  x: NumericArray,
  indices: Int32Array,
  axes: number,
): { readonly dx: NumericArray } {
  const { count, size } = planesOf(x, axes)
  const outputs = planesOf(dy, axes).size
  const dx = zerosOf(x.shape, [dy])
  for (let plane = 0; plane < count; plane++) {
    for (let i = plane * outputs; i < (plane + 1) * outputs; i++) {
      dx.data[plane * size + indices[i]!]! += dy.data[i]!
    }
  }
  return { dx }
}
