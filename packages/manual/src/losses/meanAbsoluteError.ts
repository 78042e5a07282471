import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/**
 * The absolute error, averaged over the n outputs of an example:
 *
 *     L = (1/n) Σ_k |a_k − y_k|
 *     ∂L/∂a_k = (1/n) sign(a_k − y_k)
 *
 * At a_k = y_k every number in [−1/n, 1/n] is a subgradient; the smallest in size, 0, is taken.
 */
export const meanAbsoluteError: Loss = {
  name: 'meanAbsoluteError',
  takes: 'activations',
  forward: inputs =>
    averageOverExamples('meanAbsoluteError.forward', inputs, (a, y) => {
      let sum = 0
      for (let k = 0; k < a.length; k++) sum += Math.abs(a[k]! - y[k]!)
      return sum / a.length
    }),
  backward: inputs =>
    derivativeOfExamples('meanAbsoluteError.backward', inputs, (a, y, da) => {
      for (let k = 0; k < a.length; k++) da[k] = Math.sign(a[k]! - y[k]!) / a.length
    }),
}
