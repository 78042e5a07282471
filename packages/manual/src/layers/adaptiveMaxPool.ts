import { type NumericArray, zerosOf } from '../array.ts'
import { forEachPosition, planesOf } from '../positions.ts'
import { forEachInPart } from '../windows.ts'
import type { AdaptivePoolForwardInputs } from './adaptiveAveragePool.ts'
import { type MaxPoolBackwardInputs, type MaxPoolCache, sendBack } from './maxPool.ts'

/**
 * Adaptive max pooling: a plane is cut into parts P_i, from ⌊i n/m⌋ up to ⌈(i + 1) n/m⌉ along an axis of n entries in m parts, and
 * every output is the largest entry of a part,
 *
 *     y_i = max_(p ∈ P_i) x_p = x_(p(i))      dx_p = Σ_i [p(i) = p] dy_i
 *
 * p(i) is the first of equals, for which the derivative does not exist.
 */
export const adaptiveMaxPool: {
  /** (..., space) → (..., parts). */
  forward(inputs: AdaptivePoolForwardInputs): MaxPoolCache
  /** From dy to dx, in the shape of x. */
  backward(inputs: MaxPoolBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, parts }) => {
    const { lead, space, count, size } = planesOf(x, parts.length)
    const y = zerosOf([...lead, ...parts], [x])
    const indices = new Int32Array(y.data.length)
    let to = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(parts, i => {
        let [largest, place] = [-Infinity, -1]
        forEachInPart(i, parts, space, p => {
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
