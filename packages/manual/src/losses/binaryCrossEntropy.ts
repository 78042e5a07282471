import { sigmoid } from '../activations/sigmoid.ts'
import { averageOverExamples, derivativeOfExamples, type Loss, timesLog } from './loss.ts'

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
  name: 'binaryCrossEntropy',
  takes: 'activations',
  forward: inputs =>
    averageOverExamples('binaryCrossEntropy.forward', inputs, (a, y) => {
      let sum = 0
      // log1p(−a) is log(1 − a) without rounding 1 − a first.
      for (let k = 0; k < a.length; k++) {
        sum += -timesLog(y[k]!, Math.log(a[k]!)) - timesLog(1 - y[k]!, Math.log1p(-a[k]!))
      }
      return sum / a.length
    }),
  backward: inputs =>
    derivativeOfExamples('binaryCrossEntropy.backward', inputs, (a, y, da) => {
      for (let k = 0; k < a.length; k++) da[k] = (a[k]! - y[k]!) / (a[k]! * (1 - a[k]!)) / a.length
    }),
  simplified: {
    activation: sigmoid,
    dz: inputs =>
      derivativeOfExamples('binaryCrossEntropy.simplified.dz', inputs, (a, y, dz) => {
        for (let k = 0; k < a.length; k++) dz[k] = (a[k]! - y[k]!) / a.length
      }),
  },
}
