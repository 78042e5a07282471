import { averageOverExamples, derivativeOfExamples, type Loss, timesLog } from './loss.ts'

/**
 * The negative log-likelihood of log-probabilities x over classes, summed over the classes of an example; y is one-hot, a
 * distribution, or what `effectiveTargets` makes of either:
 *
 *     L = −Σ_k y_k x_k
 *     ∂L/∂x_k = −y_k
 */
export const negativeLogLikelihood: Loss = {
  name: 'negativeLogLikelihood',
  takes: 'activations',
  forward: inputs =>
    averageOverExamples('negativeLogLikelihood.forward', inputs, (x, y) => {
      let loss = 0
      for (let k = 0; k < x.length; k++) loss -= timesLog(y[k]!, x[k]!)
      return loss
    }),
  backward: inputs =>
    derivativeOfExamples('negativeLogLikelihood.backward', inputs, (_x, y, dx) => {
      for (let k = 0; k < y.length; k++) dx[k] = -y[k]!
    }),
}
