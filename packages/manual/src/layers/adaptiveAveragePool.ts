import { type NumericArray, zerosOf } from '../array.ts'
import { forEachPosition, planesOf } from '../positions.ts'
import { forEachInPart } from '../windows.ts'

/** What `adaptiveAveragePool.forward` takes: x is (..., space). */
export interface AdaptivePoolForwardInputs {
  readonly x: NumericArray
  /** How many parts there are along each axis of the space. */
  readonly parts: readonly number[]
}

/** What `adaptiveAveragePool.backward` takes: dy is the derivative of L with respect to y; of x only the shape is read. */
export interface AdaptivePoolBackwardInputs extends AdaptivePoolForwardInputs {
  readonly dy: NumericArray
}

/**
 * Adaptive average pooling: a plane is cut into parts P_i as equal as they can be, from ⌊i n/m⌋ up to ⌈(i + 1) n/m⌉ along an axis of
 * n entries in m parts; neighbours share an entry where n is no multiple of m. Every output is the mean of a part,
 *
 *     y_i = (1/|P_i|) Σ_(p ∈ P_i) x_p      dx_p = Σ_i [p ∈ P_i] dy_i / |P_i|
 */
export const adaptiveAveragePool: {
  /** (..., space) → (..., parts). */
  forward(inputs: AdaptivePoolForwardInputs): NumericArray
  /** From dy to dx, in the shape of x. */
  backward(inputs: AdaptivePoolBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, parts }) => {
    const { lead, space, count, size } = planesOf(x, parts.length)
    const y = zerosOf([...lead, ...parts], [x])
    let to = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(parts, i => {
        let [sum, entries] = [0, 0]
        forEachInPart(i, parts, space, p => {
          sum += x.data[plane * size + p]!
          entries++
        })
        y.data[to++] = sum / entries
      })
    }
    return y
  },

  backward: ({ dy, x, parts }) => {
    const { space, count, size } = planesOf(x, parts.length)
    const dx = zerosOf(x.shape, [dy])
    let from = 0
    for (let plane = 0; plane < count; plane++) {
      forEachPosition(parts, i => {
        let entries = 0
        forEachInPart(i, parts, space, () => {
          entries++
        })
        const share = dy.data[from++]! / entries
        forEachInPart(i, parts, space, p => {
          dx.data[plane * size + p]! += share
        })
      })
    }
    return { dx }
  },
}
