import { type NumericArray, zerosOf } from '../array.ts'

/** Which entries stay: `true` for those, in the order of the entries. */
export interface DropoutMask {
  readonly stays: readonly boolean[]
  /** The probability p to drop an entry. */
  readonly rate: number
}

/**
 * Dropout with a given mask: with m_i = 1 for entries that stay and 0 for those that go, and the probability p to go,
 *
 *     y_i = m_i x_i / (1 - p)
 *
 * so that the mean over all masks is x_i: (1 - p) · x_i/(1 - p) + p · 0. The mask does not depend on x, so
 *
 *     dx_i = m_i dy_i / (1 - p)
 */
export const dropout: {
  /** Any shape → the same. */
  forward(inputs: DropoutMask & { readonly x: NumericArray }): NumericArray
  /** From dy to dx, with the same mask. */
  backward(inputs: DropoutMask & { readonly dy: NumericArray }): NumericArray
} = {
  forward: ({ x, stays, rate }) => masked(x, stays, rate),
  backward: ({ dy, stays, rate }) => masked(dy, stays, rate),
}

function masked(values: NumericArray, stays: readonly boolean[], rate: number): NumericArray {
  const kept = zerosOf(values.shape, [values])
  for (let i = 0; i < values.data.length; i++) if (stays[i]!) kept.data[i] = values.data[i]! / (1 - rate)
  return kept
}
