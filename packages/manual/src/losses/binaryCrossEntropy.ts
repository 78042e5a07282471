import { sigmoid } from '../activations/sigmoid.ts'
import { derivativeOfExamples, type Loss, lossOfElements, timesLog } from './loss.ts'

/**
 * The lecture's loss for binary classification, on a probability a, averaged over the n outputs of an example:
 *
 *     L = (1/n) Σ_k −y_k log a_k − (1 − y_k) log(1 − a_k)
 *
 *     ∂L/∂a = −y/a + (1 − y)/(1 − a) = (−y(1 − a) + (1 − y)a) / (a(1 − a)) = (a − y) / (a(1 − a))
 *
 * and, since da/dz = a(1 − a) for a sigmoid output, the quotient cancels:
 *
 *     ∂L/∂z = ((a − y) / (a(1 − a))) · a(1 − a) = a − y
 *
 * **At the ends.** A term whose factor y or 1 − y is 0 counts as 0, so that L = 0 at a = y = 1, and at a = y = 0. A
 * confident mistake, a = 0 with y > 0 or a = 1 with y < 1, has L = ∞. The quotient is computed as it is written: at
 * a = y ∈ {0, 1} it is 0/0 = NaN, and NaN · a(1 − a) is still NaN. A sigmoid arrives there at z = 36.8 in float64 (17.4
 * in float32), long before anything is wrong with the network. The form a − y has no quotient and is 0 there: it is the
 * cancellation that saves the backward pass. The forward pass is saved by `binaryCrossEntropyWithLogits`.
 */
export const binaryCrossEntropy: Loss = {
  ...lossOfElements({
    name: 'binaryCrossEntropy',
    takes: 'activations',
    // log1p(−a) is log(1 − a) without rounding 1 − a first.
    value: (a, y) => -timesLog(y, Math.log(a)) - timesLog(1 - y, Math.log1p(-a)),
    slope: (a, y) => (a - y) / (a * (1 - a)),
  }),
  simplified: {
    activation: sigmoid,
    dz: inputs =>
      derivativeOfExamples('binaryCrossEntropy.simplified.dz', inputs, (a, y, dz) => {
        for (let k = 0; k < a.length; k++) dz[k] = (a[k]! - y[k]!) / a.length
      }),
  },
}

/**
 * The same with logarithms that are held at h = `lowestLog` from below, −100 say:
 *
 *     ℓ = −y max(log a, h) − (1 − y) max(log(1 − a), h)
 *
 * A logarithm that is held has no slope, so ∂ℓ/∂a = −[log a > h] y/a + [log(1 − a) > h] (1 − y)/(1 − a).
 */
export function heldBinaryCrossEntropy(lowestLog: number): Loss {
  return lossOfElements({
    name: 'heldBinaryCrossEntropy',
    takes: 'activations',
    value: (a, y) =>
      -timesLog(y, Math.max(Math.log(a), lowestLog)) - timesLog(1 - y, Math.max(Math.log1p(-a), lowestLog)),
    slope: (a, y) => {
      const left = Math.log(a) > lowestLog ? -y / a : 0
      const right = Math.log1p(-a) > lowestLog ? (1 - y) / (1 - a) : 0
      return left + right
    },
  })
}
