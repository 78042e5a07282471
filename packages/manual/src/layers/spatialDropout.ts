import { type NumericArray, zerosOf } from '../array.ts'
import type { DropoutMask } from './dropout.ts'

/**
 * Dropout of whole channels of `(batch, channels, ...space)` with a given mask: m_bc is 1 where channel c of example b stays,
 * in the order of the channels, and every place of it shares its fate,
 *
 *     y_bcs = m_bc x_bcs / (1 - p)     dx_bcs = m_bc dy_bcs / (1 - p)
 */
export const spatialDropout: {
  /** (batch, channels, ...space) → the same. */
  forward(inputs: DropoutMask & { readonly x: NumericArray }): NumericArray
  /** From dy to dx, with the same mask. */
  backward(inputs: DropoutMask & { readonly dy: NumericArray }): NumericArray
} = {
  forward: ({ x, stays, rate }) => maskedChannels(x, stays, rate),
  backward: ({ dy, stays, rate }) => maskedChannels(dy, stays, rate),
}

function maskedChannels(values: NumericArray, stays: readonly boolean[], rate: number): NumericArray {
  const places = values.data.length / stays.length
  const kept = zerosOf(values.shape, [values])
  for (let channel = 0; channel < stays.length; channel++) {
    if (!stays[channel]!) continue
    for (let s = 0; s < places; s++) {
      kept.data[channel * places + s] = values.data[channel * places + s]! / (1 - rate)
    }
  }
  return kept
}
