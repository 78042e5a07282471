import { type NumericArray, zerosOf } from '../array.ts'
import { forEachPosition, numberOf, planesOf } from '../positions.ts'
import { type MaxPoolBackwardInputs, type MaxPoolCache, sendBack } from './maxPool.ts'

/** What `fractionalMaxPool.forward` takes: x is (..., space). */
export interface FractionalMaxPoolForwardInputs {
  readonly x: NumericArray
  /** Size of a window along each axis of the space. */
  readonly kernel: readonly number[]
  /** How many windows there are along each axis. */
  readonly windows: readonly number[]
  /** One number u in [0, 1) for each plane and axis: (..., axes). */
  readonly samples: NumericArray
}

/**
 * Fractional max pooling: m windows of k entries along an axis of n, not at equal distances but at ones that vary by one around
 * α = (n − k) / (m − 1). Window i begins at
 *
 *     start_i = ⌊(i + u) α⌋ − ⌊u α⌋,      the last one at n − k
 *
 * with one u for each plane and axis. Given u the windows are fixed, and with p(i) the place of the largest entry of window i,
 *
 *     y_i = x_(p(i))      dx_p = Σ_i [p(i) = p] dy_i
 */
export const fractionalMaxPool: {
  /** (..., space) → (..., windows). */
  forward(inputs: FractionalMaxPoolForwardInputs): MaxPoolCache
  /** From dy to dx, in the shape of x. */
  backward(inputs: MaxPoolBackwardInputs): { readonly dx: NumericArray }
} = {
  forward: ({ x, kernel, windows, samples }) => {
    const axes = kernel.length
    const { lead, space, count, size } = planesOf(x, axes)
    const y = zerosOf([...lead, ...windows], [x])
    const indices = new Int32Array(y.data.length)
    let to = 0
    for (let plane = 0; plane < count; plane++) {
      const start = (i: number, axis: number): number => {
        const [n, k, m] = [space[axis]!, kernel[axis]!, windows[axis]!]
        if (i === m - 1) return n - k
        const [u, α] = [samples.data[plane * axes + axis]!, (n - k) / (m - 1)]
        return Math.floor((i + u) * α) - Math.floor(u * α)
      }
      forEachPosition(windows, i => {
        let [largest, place] = [-Infinity, -1]
        forEachPosition(kernel, j => {
          const p = numberOf(
            j.map((offset, axis) => start(i[axis]!, axis) + offset),
            space,
          )
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
