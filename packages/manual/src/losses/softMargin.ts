import { sigmoidOf } from '../activations/sigmoid.ts'
import { softplusOf } from './binaryCrossEntropyWithLogits.ts'
import { type Loss, lossOfElements } from './loss.ts'

/**
 * The logistic loss of targets y = ±1, averaged over the n outputs of an example:
 *
 *     ℓ = log(1 + e^(−y a))
 *     ∂ℓ/∂a = −y e^(−y a)/(1 + e^(−y a)) = −y σ(−y a)      ∂ℓ/∂y = −a σ(−y a)
 */
export const softMargin: Loss = lossOfElements({
  name: 'softMargin',
  takes: 'logits',
  value: (a, y) => softplusOf(-y * a),
  slope: (a, y) => -y * sigmoidOf(-y * a),
  targetSlope: (a, y) => -a * sigmoidOf(-y * a),
})
