import { sigmoidOf } from '../activations/sigmoid.ts'
import { type Loss, lossOfElements } from './loss.ts'

/**
 * The binary cross entropy of a = σ(z), written with the logit z, averaged over the n outputs of an example. With
 * −log σ(z) = log(1 + e⁻ᶻ) and −log(1 − σ(z)) = log(1 + eᶻ) = z + log(1 + e⁻ᶻ),
 *
 *     −y log a − (1 − y) log(1 − a) = (1 − y) z + log(1 + e⁻ᶻ)
 *                                   = max(z, 0) − z y + log(1 + e^(−|z|))
 *
 * where the second line is the first for z ≥ 0, and for z < 0 uses log(1 + e⁻ᶻ) = −z + log(1 + eᶻ). No exponential
 * overflows and no logarithm sees 0, for any z.
 *
 *     ∂L/∂z_k = (1/n) (σ(z_k) − y_k)
 *
 * For z ≥ 0 this is computed as (1 − y) − σ(−z), the same number: at y = 1 nothing is lost where σ(z) rounds to 1.
 */
export const binaryCrossEntropyWithLogits: Loss = lossOfElements({
  name: 'binaryCrossEntropyWithLogits',
  takes: 'logits',
  value: (z, y) => Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z))),
  slope: (z, y) => (z >= 0 ? 1 - y - sigmoidOf(-z) : sigmoidOf(z) - y),
})

/**
 * The same with factors p_k for positive targets, one for each unit. With softplus(z) = log(1 + eᶻ),
 *
 *     ℓ = −p y log σ(z) − (1 − y) log(1 − σ(z)) = p y softplus(−z) + (1 − y) softplus(z)
 *     ∂ℓ/∂z = −p y σ(−z) + (1 − y) σ(z)
 */
export function positivelyWeighted(positiveWeight: readonly number[]): Loss {
  return lossOfElements({
    name: 'positivelyWeighted',
    takes: 'logits',
    value: (z, y, k) => positiveWeight[k]! * y * softplusOf(-z) + (1 - y) * softplusOf(z),
    slope: (z, y, k) => -positiveWeight[k]! * y * sigmoidOf(-z) + (1 - y) * sigmoidOf(z),
  })
}

/** log(1 + eᶻ), without overflow. */
export function softplusOf(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))
}
