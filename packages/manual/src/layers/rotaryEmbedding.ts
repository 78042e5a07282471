import { type NumericArray, zerosOf } from '../array.ts'

/** How positions turn features. */
export interface RotarySettings {
  readonly base: number
  /** Position of the first element in time. */
  readonly offset: number
  /** `'neighbours'`: (x_2i, x_2i+1) are turned together; `'halves'`: (x_i, x_{i + d/2}). */
  readonly pairs: 'neighbours' | 'halves'
}

/**
 * Rotary embedding: pair i of the element at position t is turned by the angle θ = t · base^(−2i/d), (..., time, d):
 *
 *     a' = a cos θ − b sin θ      b' = a sin θ + b cos θ
 *
 * A rotation R is orthogonal, R⁻¹ = Rᵀ, and the derivative of a linear map goes back through its transpose: what comes
 * back is turned by −θ,
 *
 *     da = da' cos θ + db' sin θ      db = db' cos θ − da' sin θ
 */
export const rotaryEmbedding: {
  forward(x: NumericArray, settings: RotarySettings): NumericArray
  backward(dy: NumericArray, settings: RotarySettings): NumericArray
} = {
  forward: (x, settings) => turned(x, settings, 1),
  backward: (dy, settings) => turned(dy, settings, -1),
}

/** Every pair turned by its angle, or back. */
function turned(x: NumericArray, { base, offset, pairs }: RotarySettings, direction: 1 | -1): NumericArray {
  const y = zerosOf(x.shape, [x])
  const [time, d] = x.shape.slice(-2) as [number, number]
  const half = d / 2
  for (let row = 0; row * d < x.data.length; row++) {
    const t = offset + (row % time)
    for (let i = 0; i < half; i++) {
      const angle = direction * t * base ** ((-2 * i) / d)
      const [first, second] = pairs === 'halves' ? [i, i + half] : [2 * i, 2 * i + 1]
      const [a, b] = [x.data[row * d + first]!, x.data[row * d + second]!]
      y.data[row * d + first] = a * Math.cos(angle) - b * Math.sin(angle)
      y.data[row * d + second] = a * Math.sin(angle) + b * Math.cos(angle)
    }
  }
  return y
}
