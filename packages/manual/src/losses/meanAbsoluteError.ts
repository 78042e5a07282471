import { type Loss, lossOfElements } from './loss.ts'

/**
 * The absolute error, averaged over the n outputs of an example:
 *
 *     L = (1/n) Σ_k |a_k − y_k|
 *     ∂L/∂a_k = (1/n) sign(a_k − y_k)
 *
 * At a_k = y_k every number in [−1/n, 1/n] is a subgradient; the smallest in size, 0, is taken.
 */
export const meanAbsoluteError: Loss = lossOfElements({
  name: 'meanAbsoluteError',
  takes: 'activations',
  value: (a, y) => Math.abs(a - y),
  slope: (a, y) => Math.sign(a - y),
  targetSlope: (a, y) => -Math.sign(a - y),
})
