import { largestOf, softmaxOf } from '../activations/softmax.ts'
import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/**
 * The Kullback-Leibler divergence of q = softmax(y) from p = softmax(z), both given by their logits, summed over the classes
 * of an example:
 *
 *     L = Σ_k q_k (log q_k − log p_k),   log p_k = z_k − log Σ_j e^(z_j)
 *
 * With ∂log p_k/∂z_j = [j = k] − p_j and Σ_k q_k = 1,
 *
 *     ∂L/∂z_j = −Σ_k q_k ([j = k] − p_j) = p_j − q_j
 *
 * Let d_k = log q_k − log p_k. With ∂q_k/∂y_j = q_k ([j = k] − q_j) and ∂log q_k/∂y_j = [j = k] − q_j,
 *
 *     ∂L/∂y_j = Σ_k q_k ([j = k] − q_j) d_k + Σ_k q_k ([j = k] − q_j) = q_j (d_j − L) + q_j − q_j = q_j (d_j − L)
 */
export const klDivergenceWithLogits: Loss = {
  name: 'klDivergenceWithLogits',
  takes: 'logits',
  forward: inputs =>
    averageOverExamples('klDivergenceWithLogits.forward', inputs, (z, y) => divergence(z, y).loss),
  backward: inputs =>
    derivativeOfExamples('klDivergenceWithLogits.backward', inputs, (z, y, dz) => {
      const { p, q } = divergence(z, y)
      for (let k = 0; k < z.length; k++) dz[k] = p[k]! - q[k]!
    }),
  targetBackward: inputs =>
    derivativeOfExamples('klDivergenceWithLogits.targetBackward', inputs, (z, y, dy) => {
      const { q, d, loss } = divergence(z, y)
      for (let k = 0; k < z.length; k++) dy[k] = q[k]! * (d[k]! - loss)
    }),
}

function divergence(
  z: Float64Array,
  y: Float64Array,
): { p: Float64Array; q: Float64Array; d: Float64Array; loss: number } {
  const [p, q, d] = [new Float64Array(z.length), new Float64Array(z.length), new Float64Array(z.length)]
  softmaxOf(z, p)
  softmaxOf(y, q)
  const [ofZ, ofY] = [logSumExp(z), logSumExp(y)]
  let loss = 0
  for (let k = 0; k < z.length; k++) {
    d[k] = y[k]! - ofY - (z[k]! - ofZ)
    loss += q[k]! * d[k]!
  }
  return { p, q, d, loss }
}

function logSumExp(z: Float64Array): number {
  const largest = largestOf(z)
  let sum = 0
  for (const value of z) sum += Math.exp(value - largest)
  return largest + Math.log(sum)
}
