import { type Loss, lossOfElements } from './loss.ts'

/**
 * The hinge loss of targets y = ±1, averaged over the n outputs of an example: with the margin c,
 *
 *     ℓ = max(0, c − y a)
 *     ∂ℓ/∂a = −y  where y a < c,  0 elsewhere
 *
 * At y a = c every number between −y and 0 is a subgradient; 0, the smallest in size, is taken.
 */
export function hinge(margin: number = 1): Loss {
  return lossOfElements({
    name: 'hinge',
    takes: 'activations',
    value: (a, y) => Math.max(0, margin - y * a),
    slope: (a, y) => (y * a < margin ? -y : 0),
  })
}
