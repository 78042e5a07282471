import { type NumericArray, numericArray } from '../array.ts'
import {
  layoutOf,
  momentsOf,
  type NormBackwardInputs,
  type NormForwardInputs,
  type NormGradients,
  type NormLayout,
  normBackward,
  normForward,
} from '../standardNorm.ts'
import { type BatchStatistics, type BatchTrackInputs, batchNorm } from './batchNorm.ts'

/** Every channel of every example is a group of its own. */
function instancesOf(x: NumericArray): NormLayout {
  const [batch, channels] = x.shape as [number, number]
  return layoutOf(x, batch * channels, (example, channel) => example * channels + channel)
}

/**
 * Instance norm of `(batch, channels, ...space)`: for the n places x_i of one channel of one example,
 *
 *     m = (1/n) Σ x_i     v = (1/n) Σ (x_i - m)²     y_i = γ_c (x_i - m) / √(v + ε) + β_c
 *
 * The way back through m and v is derived in `standardNorm.ts`; γ_c and β_c collect over all examples. With statistics that
 * were collected before, every entry is on a straight line, as in `batchNorm.ts`.
 *
 * **What is collected** for a channel is the average over the examples: m' = (1 - μ) m' + μ (1/B) Σ_b m_b, and likewise the
 * variances without bias, v_b n/(n - 1).
 */
export const instanceNorm: {
  /** (batch, channels, ...space) → the same. */
  forward(inputs: NormForwardInputs & BatchStatistics): NumericArray
  /** From dy to dx, dγ and dβ; with given statistics those are constants. */
  backward(inputs: NormBackwardInputs & BatchStatistics): NormGradients
  /** The running statistics after one batch. */
  track(inputs: BatchTrackInputs): { readonly mean: NumericArray; readonly variance: NumericArray }
} = {
  forward: inputs => {
    if (inputs.mean !== undefined) return batchNorm.forward(inputs)
    const layout = instancesOf(inputs.x)
    return normForward(inputs, layout, momentsOf(inputs.x, layout))
  },

  backward: inputs =>
    inputs.mean !== undefined ? batchNorm.backward(inputs) : normBackward(inputs, instancesOf(inputs.x)),

  track: ({ x, runningMean, runningVariance, momentum }) => {
    const { mean, variance, counts } = momentsOf(x, instancesOf(x))
    const [batch, channels] = x.shape as [number, number]
    const next = (running: NumericArray, found: (instance: number) => number): NumericArray => {
      const values = Float64Array.from(running.data, (value, c) => {
        let total = 0
        for (let b = 0; b < batch; b++) total += found(b * channels + c)
        return (1 - momentum) * value + (momentum * total) / batch
      })
      return numericArray(running.shape, values)
    }
    return {
      mean: next(runningMean, i => mean[i]!),
      variance: next(runningVariance, i => (variance[i]! * counts[i]!) / (counts[i]! - 1)),
    }
  },
}
