import { sigmoidOf } from '../activations/sigmoid.ts'
import { softplusOf } from './binaryCrossEntropyWithLogits.ts'
import { type Loss, lossOfElements } from './loss.ts'

/**
 * The focal loss of logits z and targets y in [0, 1], averaged over the n outputs of an example. With
 *
 *     m = y σ(−z) + (1 − y) σ(z)                      how far off: 1 − p of the target class
 *     b = y softplus(−z) + (1 − y) softplus(z)        the binary cross entropy
 *     α_y = α y + (1 − α) (1 − y)                     1 without α
 *     ℓ = α_y m^γ b
 *
 * and σ'(z) = σ(z) σ(−z), softplus'(z) = σ(z),
 *
 *     m' = (1 − 2y) σ(z) σ(−z)      b' = (1 − y) σ(z) − y σ(−z)
 *     ∂ℓ/∂z = α_y (γ m^(γ−1) m' b + m^γ b')
 *
 * For y = 1, with p = σ(z), this is α (1 − p)^γ (γ p log p − (1 − p)).
 */
export function focal(gamma: number = 2, alpha: number | null = 0.25): Loss {
  const parts = (z: number, y: number) => ({
    m: y * sigmoidOf(-z) + (1 - y) * sigmoidOf(z),
    b: y * softplusOf(-z) + (1 - y) * softplusOf(z),
    factor: alpha === null ? 1 : alpha * y + (1 - alpha) * (1 - y),
  })
  return lossOfElements({
    name: 'focal',
    takes: 'logits',
    value: (z, y) => {
      const { m, b, factor } = parts(z, y)
      return factor * m ** gamma * b
    },
    slope: (z, y) => {
      const { m, b, factor } = parts(z, y)
      const dm = (1 - 2 * y) * sigmoidOf(z) * sigmoidOf(-z)
      const db = (1 - y) * sigmoidOf(z) - y * sigmoidOf(-z)
      const ofPower = gamma === 0 ? 0 : gamma * m ** (gamma - 1) * dm * b
      return factor * (ofPower + m ** gamma * db)
    },
  })
}
