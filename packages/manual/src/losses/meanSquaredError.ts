import { type Loss, lossOfElements } from './loss.ts'

/**
 * The squared error, averaged over the n outputs of an example (and so, in J, over all entries):
 *
 *     L = (1/n) Σ_k (a_k − y_k)²
 *     ∂L/∂a_k = (2/n) (a_k − y_k) = −∂L/∂y_k
 */
export const meanSquaredError: Loss = lossOfElements({
  name: 'meanSquaredError',
  takes: 'activations',
  value: (a, y) => (a - y) * (a - y),
  slope: (a, y) => 2 * (a - y),
  targetSlope: (a, y) => -2 * (a - y),
})
