import { type NumericArray, zerosOf } from '../array.ts'
import { alphaLine } from './alphaDropout.ts'
import type { DropoutMask } from './dropout.ts'

/**
 * Alpha dropout of whole channels of `(batch, channels, ...space)` with a given mask, in the order of the channels: with the
 * line a · + b and the limit α' of `alphaDropout.ts`, for every place s of channel c of example b,
 *
 *     y_bcs = a x_bcs + b where the channel stays, a α' + b where it goes     dx_bcs = a dy_bcs where it stays, else 0
 */
export const featureAlphaDropout: {
  /** (batch, channels, ...space) → the same. */
  forward(inputs: DropoutMask & { readonly x: NumericArray }): NumericArray
  /** From dy to dx, with the same mask. */
  backward(inputs: DropoutMask & { readonly dy: NumericArray }): NumericArray
} = {
  forward: ({ x, stays, rate }) => {
    const { a, b, limit } = alphaLine(rate)
    const places = x.data.length / stays.length
    const y = zerosOf(x.shape, [x])
    for (let i = 0; i < x.data.length; i++) {
      y.data[i] = a * (stays[Math.floor(i / places)]! ? x.data[i]! : limit) + b
    }
    return y
  },

  backward: ({ dy, stays, rate }) => {
    const { a } = alphaLine(rate)
    const places = dy.data.length / stays.length
    const dx = zerosOf(dy.shape, [dy])
    for (let i = 0; i < dy.data.length; i++) {
      if (stays[Math.floor(i / places)]!) dx.data[i] = a * dy.data[i]!
    }
    return dx
  },
}
