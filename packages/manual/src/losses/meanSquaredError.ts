import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/**
 * The squared error, averaged over the n outputs of an example (and so, in J, over all entries):
 *
 *     L = (1/n) Σ_k (a_k − y_k)²
 *     ∂L/∂a_k = (2/n) (a_k − y_k)
 */
export const meanSquaredError: Loss = {
  name: 'meanSquaredError',
  takes: 'activations',
  forward: inputs =>
    averageOverExamples('meanSquaredError.forward', inputs, (a, y) => {
      let sum = 0
      for (let k = 0; k < a.length; k++) {
        const r = a[k]! - y[k]!
        sum += r * r
      }
      return sum / a.length
    }),
  backward: inputs =>
    derivativeOfExamples('meanSquaredError.backward', inputs, (a, y, da) => {
      for (let k = 0; k < a.length; k++) da[k] = (2 * (a[k]! - y[k]!)) / a.length
    }),
}
