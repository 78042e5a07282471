import { largestOf, softmaxOf } from '../activations/softmax.ts'
import { averageOverExamples, derivativeOfExamples, type Loss, timesLog } from './loss.ts'

/**
 * The cross entropy of softmax(z), written with the logits z, summed over the classes of an example; y is one-hot, or a
 * distribution. With log softmax(z)_k = z_k − log Σ_j e^(z_j),
 *
 *     L = −Σ_k y_k log softmax(z)_k = Σ_k y_k (log Σ_j e^(z_j) − z_k)
 *     ∂L/∂z_j = softmax(z)_j Σ_k y_k − y_j
 *
 * Let z_t be the largest logit. Then log Σ_j e^(z_j) = z_t + log(1 + Σ_{j≠t} e^(z_j − z_t)), so that
 *
 *     L = Σ_k y_k ((z_t − z_k) + log1p(Σ_{j≠t} e^(z_j − z_t)))
 *
 * in which no exponential overflows and nothing is subtracted but logits: L keeps all its digits even where the network
 * is certain and right. A class with y_k = 0 adds nothing, even at z_k = −∞.
 */
export const crossEntropy: Loss = {
  name: 'crossEntropy',
  takes: 'logits',
  forward: inputs =>
    averageOverExamples('crossEntropy.forward', inputs, (z, y) => {
      const largest = largestOf(z)
      const t = z.indexOf(largest)
      let others = 0
      for (let j = 0; j < z.length; j++) if (j !== t) others += Math.exp(z[j]! - largest)
      let loss = 0
      for (let k = 0; k < z.length; k++) loss += timesLog(y[k]!, largest - z[k]! + Math.log1p(others))
      return loss
    }),
  backward: inputs =>
    derivativeOfExamples('crossEntropy.backward', inputs, (z, y, dz) => {
      let total = 0
      for (let k = 0; k < y.length; k++) total += y[k]!
      softmaxOf(z, dz)
      for (let j = 0; j < z.length; j++) dz[j] = dz[j]! * total - y[j]!
    }),
}
