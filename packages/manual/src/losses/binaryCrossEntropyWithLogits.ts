import { sigmoidOf } from '../activations/sigmoid.ts'
import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

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
export const binaryCrossEntropyWithLogits: Loss = {
  name: 'binaryCrossEntropyWithLogits',
  takes: 'logits',
  forward: inputs =>
    averageOverExamples('binaryCrossEntropyWithLogits.forward', inputs, (z, y) => {
      let sum = 0
      for (let k = 0; k < z.length; k++) {
        sum += Math.max(z[k]!, 0) - z[k]! * y[k]! + Math.log1p(Math.exp(-Math.abs(z[k]!)))
      }
      return sum / z.length
    }),
  backward: inputs =>
    derivativeOfExamples('binaryCrossEntropyWithLogits.backward', inputs, (z, y, dz) => {
      for (let k = 0; k < z.length; k++) {
        const difference = z[k]! >= 0 ? 1 - y[k]! - sigmoidOf(-z[k]!) : sigmoidOf(z[k]!) - y[k]!
        dz[k] = difference / z.length
      }
    }),
}
