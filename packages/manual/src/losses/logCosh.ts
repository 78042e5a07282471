import { type Loss, lossOfElements } from './loss.ts'

/**
 * The logarithm of the hyperbolic cosine of r = a − y, averaged over the n outputs of an example:
 *
 *     ℓ = log cosh r
 *     ∂ℓ/∂a = sinh r / cosh r = tanh r = −∂ℓ/∂y
 *
 * cosh r = 1 + 2 sinh²(r/2) keeps the digits of a small r; for a large one, cosh r = ½ e^|r| (1 + e^(−2|r|)) does not
 * overflow: ℓ = |r| + log(1 + e^(−2|r|)) − log 2.
 */
export const logCosh: Loss = lossOfElements({
  name: 'logCosh',
  takes: 'activations',
  value: (a, y) => {
    const r = Math.abs(a - y)
    return r < 1 ? Math.log1p(2 * Math.sinh(r / 2) ** 2) : r + Math.log1p(Math.exp(-2 * r)) - Math.LN2
  },
  slope: (a, y) => Math.tanh(a - y),
  targetSlope: (a, y) => -Math.tanh(a - y),
})
