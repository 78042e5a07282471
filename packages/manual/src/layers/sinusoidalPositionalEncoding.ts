import { type NumericArray, zerosOf } from '../array.ts'

/** How positions are told. */
export interface SinusoidalSettings {
  readonly base: number
  /** Position of the first element. */
  readonly offset: number
}

/**
 * The sinusoidal positional encoding of (..., time, d): with ω_i = base^(−2i/d), an element at position t becomes
 *
 *     y_2i = x_2i + sin(ω_i t)      y_2i+1 = x_2i+1 + cos(ω_i t)
 *
 * The waves do not depend on x, so ∂y/∂x is the identity and dx = dy. What makes them useful: a shift by k turns each pair
 * (sin, cos) by the angle ω_i k, a linear map that does not depend on t.
 */
export const sinusoidalPositionalEncoding: {
  forward(x: NumericArray, settings: SinusoidalSettings): NumericArray
  backward(dy: NumericArray): NumericArray
} = {
  forward: (x, { base, offset }) => {
    const y = zerosOf(x.shape, [x])
    const [time, d] = x.shape.slice(-2) as [number, number]
    for (let at = 0; at < x.data.length; at++) {
      const feature = at % d
      const t = offset + (Math.floor(at / d) % time)
      const angle = base ** ((-2 * Math.floor(feature / 2)) / d) * t
      y.data[at] = x.data[at]! + (feature % 2 === 0 ? Math.sin(angle) : Math.cos(angle))
    }
    return y
  },
  backward: dy => dy,
}
