import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/**
 * The lecture's loss for regression, summed over the outputs of an example:
 *
 *     L = ½ Σ_k (a_k − y_k)²
 *     ∂L/∂a_k = a_k − y_k
 *
 * The ½ is there to make this line short. With a linear output, dz = a − y.
 */
export const halfSquaredError: Loss = {
  name: 'halfSquaredError',
  takes: 'activations',
  forward: inputs =>
    averageOverExamples('halfSquaredError.forward', inputs, (a, y) => {
      let loss = 0
      for (let k = 0; k < a.length; k++) {
        const r = a[k]! - y[k]!
        loss += 0.5 * r * r
      }
      return loss
    }),
  backward: inputs =>
    derivativeOfExamples('halfSquaredError.backward', inputs, (a, y, da) => {
      for (let k = 0; k < a.length; k++) da[k] = a[k]! - y[k]!
    }),
}
