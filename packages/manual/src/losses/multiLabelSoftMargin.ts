import { sigmoidOf } from '../activations/sigmoid.ts'
import { softplusOf } from './binaryCrossEntropyWithLogits.ts'
import { type Loss, lossOfElements } from './loss.ts'

/**
 * The binary cross entropy of every class by itself, averaged over the n classes of an example, with factors w_k:
 *
 *     L = (1/n) Σ_k w_k (y_k softplus(−z_k) + (1 − y_k) softplus(z_k))
 *     ∂L/∂z_k = (1/n) w_k (−y_k σ(−z_k) + (1 − y_k) σ(z_k)) = (1/n) w_k (σ(z_k) − y_k)
 */
export function multiLabelSoftMargin(weight?: readonly number[]): Loss {
  const w = (k: number): number => weight?.[k] ?? 1
  return lossOfElements({
    name: 'multiLabelSoftMargin',
    takes: 'logits',
    value: (z, y, k) => w(k) * (y * softplusOf(-z) + (1 - y) * softplusOf(z)),
    slope: (z, y, k) => w(k) * ((1 - y) * sigmoidOf(z) - y * sigmoidOf(-z)),
  })
}
