import { type Loss, lossOfElements } from './loss.ts'

/**
 * The squared hinge loss of targets y = ±1, averaged over the n outputs of an example: with h = max(0, c − y a),
 *
 *     ℓ = h²
 *     ∂ℓ/∂a = 2 h · ∂h/∂a = −2 y h
 *
 * which goes to 0 with h: there is no kink.
 */
export function squaredHinge(margin: number = 1): Loss {
  const h = (a: number, y: number): number => Math.max(0, margin - y * a)
  return lossOfElements({
    name: 'squaredHinge',
    takes: 'activations',
    value: (a, y) => h(a, y) ** 2,
    slope: (a, y) => -2 * y * h(a, y),
  })
}
