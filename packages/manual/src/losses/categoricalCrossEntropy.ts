import { softmax } from '../activations/softmax.ts'
import { averageOverExamples, derivativeOfExamples, type Loss, timesLog } from './loss.ts'

/**
 * The cross entropy of probabilities a over classes, summed over the classes of an example; y is one-hot, or a
 * distribution:
 *
 *     L = −Σ_k y_k log a_k
 *     ∂L/∂a_k = −y_k / a_k
 *
 * With a softmax output, dz_j = a_j (da_j − Σ_k a_k da_k) and Σ_k a_k da_k = −Σ_k y_k, so that
 *
 *     ∂L/∂z_j = a_j Σ_k y_k − y_j = a_j − y_j     when the targets sum to 1
 *
 * **At the ends.** A class with y_k = 0 adds nothing to L, even at a_k = 0, and has ∂L/∂a_k = 0. A target class with
 * a_k = 0 has L = ∞ and ∂L/∂a_k = −∞; the chain through softmax is then 0 · ∞ = NaN, while a − y is −y_k.
 */
export const categoricalCrossEntropy: Loss = {
  name: 'categoricalCrossEntropy',
  takes: 'activations',
  forward: inputs =>
    averageOverExamples('categoricalCrossEntropy.forward', inputs, (a, y) => {
      let loss = 0
      for (let k = 0; k < a.length; k++) loss -= timesLog(y[k]!, Math.log(a[k]!))
      return loss
    }),
  backward: inputs =>
    derivativeOfExamples('categoricalCrossEntropy.backward', inputs, (a, y, da) => {
      for (let k = 0; k < a.length; k++) da[k] = y[k] === 0 ? 0 : -y[k]! / a[k]!
    }),
  simplified: {
    activation: softmax,
    dz: inputs =>
      derivativeOfExamples('categoricalCrossEntropy.simplified.dz', inputs, (a, y, dz) => {
        let total = 0
        for (let k = 0; k < y.length; k++) total += y[k]!
        for (let k = 0; k < a.length; k++) dz[k] = a[k]! * total - y[k]!
      }),
  },
}
