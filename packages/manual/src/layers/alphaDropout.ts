import { type NumericArray, zerosOf } from '../array.ts'
import type { DropoutMask } from './dropout.ts'

/** selu(x) = λ x for x > 0, λ α (eˣ - 1) for x ≤ 0, with the constants that keep mean 0 and variance 1. */
const LAMBDA = 1.0507009873554805
const ALPHA = 1.6732632423543772

/**
 * The line that puts mean 0 and variance 1 back. An entry of mean 0 and variance 1 that goes to α' = -λα with probability p has
 *
 *     mean  p α'     variance  (1 - p) · 1 + p α'² - p² α'² = (1 - p)(1 + p α'²)
 *
 * so y = a · + b with a = 1/√((1 - p)(1 + p α'²)) and b = -a p α'.
 */
export function alphaLine(rate: number): { readonly a: number; readonly b: number; readonly limit: number } {
  const limit = -LAMBDA * ALPHA
  const a = 1 / Math.sqrt((1 - rate) * (1 + rate * limit * limit))
  return { a, b: -a * rate * limit, limit }
}

/**
 * Alpha dropout with a given mask: entries that go are set to the limit α' = -λα of selu far to the left, and all are brought
 * back to mean 0 and variance 1 by the line a · + b of {@link alphaLine},
 *
 *     y_i = a x_i + b   where entry i stays     y_i = a α' + b   where it goes
 *
 * What goes does not depend on x any more: dx_i = a dy_i where entry i stays, and 0 where it goes.
 */
export const alphaDropout: {
  /** Any shape → the same. */
  forward(inputs: DropoutMask & { readonly x: NumericArray }): NumericArray
  /** From dy to dx, with the same mask. */
  backward(inputs: DropoutMask & { readonly dy: NumericArray }): NumericArray
} = {
  forward: ({ x, stays, rate }) => {
    const { a, b, limit } = alphaLine(rate)
    const y = zerosOf(x.shape, [x])
    for (let i = 0; i < x.data.length; i++) y.data[i] = a * (stays[i]! ? x.data[i]! : limit) + b
    return y
  },

  backward: ({ dy, stays, rate }) => {
    const { a } = alphaLine(rate)
    const dx = zerosOf(dy.shape, [dy])
    for (let i = 0; i < dy.data.length; i++) if (stays[i]!) dx.data[i] = a * dy.data[i]!
    return dx
  },
}
