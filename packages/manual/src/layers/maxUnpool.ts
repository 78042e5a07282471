import { type NumericArray, sizeOf, zerosOf } from '../array.ts'
import { planesOf } from '../positions.ts'

/** What `maxUnpool.forward` takes: x is (..., windows), and every entry has a number in the plane it is sent to. */
export interface MaxUnpoolForwardInputs {
  readonly x: NumericArray
  readonly indices: Int32Array
  /** Size of the space of the result. */
  readonly space: readonly number[]
}

/** What `maxUnpool.backward` takes: dy is the derivative of L with respect to y. */
export interface MaxUnpoolBackwardInputs extends MaxUnpoolForwardInputs {
  readonly dy: NumericArray
}

/**
 * Max unpooling: pooled entries back at the places p(i) that they came from, zeros around them. Several windows may have the
 * same place; the last one stays:
 *
 *     y_p = x_(i(p))      i(p) the last i with p(i) = p, y_p = 0 when there is none
 *
 * So ∂y_p/∂x_i = [i = i(p)]: an entry that was displaced has no influence, and
 *
 *     dx_i = [i = i(p(i))] dy_(p(i))
 */
export const maxUnpool: {
  /** (..., windows) → (..., space). */
  forward(inputs: MaxUnpoolForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: MaxUnpoolBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, indices, space }) => {
    const { lead, count, size } = planesOf(x, space.length)
    const y = zerosOf([...lead, ...space], [x])
    for (let plane = 0; plane < count; plane++) {
      for (let i = plane * size; i < (plane + 1) * size; i++) {
        y.data[plane * sizeOf(space) + indices[i]!] = x.data[i]!
      }
    }
    return y
  },

  backward: ({ dy, x, indices, space }) => {
    const { count, size } = planesOf(x, space.length)
    const dx = zerosOf(x.shape, [dy])
    for (let plane = 0; plane < count; plane++) {
      const last = new Int32Array(sizeOf(space)).fill(-1)
      for (let i = plane * size; i < (plane + 1) * size; i++) last[indices[i]!] = i
      for (let p = 0; p < last.length; p++) {
        if (last[p]! >= 0) dx.data[last[p]!] = dy.data[plane * last.length + p]!
      }
    }
    return { dx }
  },
}
