import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The sigmoid, σ(z) = 1 / (1 + e⁻ᶻ). With u = 1 + e⁻ᶻ and a = 1/u,
 *
 *     da/dz = −u⁻² · (−e⁻ᶻ) = (1/u) · (e⁻ᶻ/u) = a · (1 − a)     since e⁻ᶻ/u = (u − 1)/u = 1 − a
 *
 * so the backward pass needs only a. The largest slope is ¼, at z = 0: each sigmoid layer shrinks dz to a quarter or
 * less, which is the vanishing gradient. As a nears 1, 1 − a keeps only the digits a has left: the error of the slope
 * stays below 2.3 · 10⁻¹⁶, but that is all of it from z = 36.8 on, where a is exactly 1 in float64 (float32: 17.4).
 */
export const sigmoid: Activation = {
  name: 'sigmoid',
  forward: z => mapEntries(z, sigmoidOf),
  backward: inputs => chainRule('sigmoid.backward', inputs, (_z, a) => a * (1 - a)),
}

/** σ(z) of one number, by whichever of 1/(1 + e⁻ᶻ) = eᶻ/(1 + eᶻ) raises e to a negative power: neither can overflow. */
export function sigmoidOf(z: number): number {
  const e = Math.exp(-Math.abs(z))
  return z >= 0 ? 1 / (1 + e) : e / (1 + e)
}
