import { type NumericArray, zerosOf } from '../array.ts'

/** Derivatives of L. */
export interface LearnedPositionGradients {
  readonly dx: NumericArray
  readonly dweight: NumericArray
}

/**
 * A learned vector w_t for each position, added to the element there: y_bt = x_bt + w_{t + offset}, x is (..., time, d) and w
 * (positions, d). Then dx = dy, and a vector collects what all examples say of its position:
 *
 *     dw_t = Σ_b dy_{b, t − offset}      and 0 for positions that the sequence does not reach
 */
export const learnedPositionalEncoding: {
  forward(x: NumericArray, weight: NumericArray, offset: number): NumericArray
  backward(dy: NumericArray, weight: NumericArray, offset: number): LearnedPositionGradients
} = {
  forward: (x, weight, offset) => {
    const y = zerosOf(x.shape, [x, weight])
    const [time, d] = x.shape.slice(-2) as [number, number]
    for (let row = 0; row * d < x.data.length; row++) {
      const t = offset + (row % time)
      for (let c = 0; c < d; c++) y.data[row * d + c] = x.data[row * d + c]! + weight.data[t * d + c]!
    }
    return y
  },
  backward: (dy, weight, offset) => {
    const dweight = zerosOf(weight.shape, [dy])
    const [time, d] = dy.shape.slice(-2) as [number, number]
    for (let row = 0; row * d < dy.data.length; row++) {
      const t = offset + (row % time)
      for (let c = 0; c < d; c++) dweight.data[t * d + c]! += dy.data[row * d + c]!
    }
    return { dx: dy, dweight }
  },
}
