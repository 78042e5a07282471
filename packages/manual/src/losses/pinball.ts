import { type Loss, lossOfElements } from './loss.ts'

/**
 * The quantile loss, averaged over the n outputs of an example: with e = y − a and the quantile q,
 *
 *     ℓ = q e  where e ≥ 0,   (q − 1) e  elsewhere
 *     ∂ℓ/∂a = −q  where e > 0,   1 − q  where e < 0,   ∂ℓ/∂y = −∂ℓ/∂a
 *
 * At e = 0 every number in [−q, 1 − q] is a subgradient; the smallest in size, 0, is taken. The expectation
 * E ℓ has the slope −q P(y > a) + (1 − q) P(y < a), which is 0 where P(y < a) = q: at the q-quantile.
 */
export function pinball(quantile: number = 0.5): Loss {
  const slope = (a: number, y: number): number => (y > a ? -quantile : y < a ? 1 - quantile : 0)
  return lossOfElements({
    name: 'pinball',
    takes: 'activations',
    value: (a, y) => (y >= a ? quantile * (y - a) : (quantile - 1) * (y - a)),
    slope,
    targetSlope: (a, y) => -slope(a, y),
  })
}
