import { type NumericArray, numericArray, zerosOf } from '../array.ts'
import {
  affineGradients,
  layoutOf,
  momentsOf,
  type NormBackwardInputs,
  type NormForwardInputs,
  type NormGradients,
  type NormLayout,
  normBackward,
  normForward,
} from '../standardNorm.ts'

/** Statistics of the channels that were collected before; those of the batch when they are left out. */
export interface BatchStatistics {
  readonly mean?: NumericArray
  readonly variance?: NumericArray
}

/** What `batchNorm.track` takes. */
export interface BatchTrackInputs {
  readonly x: NumericArray
  readonly runningMean: NumericArray
  readonly runningVariance: NumericArray
  /** The share of the new batch. */
  readonly momentum: number
}

/** All entries of one channel are one group: those of every example, at every place. */
function channelsOf(x: NumericArray): NormLayout {
  return layoutOf(x, x.shape[1]!, (_, channel) => channel)
}

/**
 * Batch norm of `(batch, channels, ...)`: for the n entries x_i of one channel, over all examples and places,
 *
 *     m = (1/n) Σ x_i     v = (1/n) Σ (x_i - m)²     y_i = γ (x_i - m) / √(v + ε) + β
 *
 * **In training** m and v depend on every entry, and the way back goes through them; it is derived in `standardNorm.ts`.
 *
 * **Afterwards** m and v are constants that were collected before. What is left is a straight line for each channel:
 *
 *     dx_i = dy_i γ / √(v + ε)     dγ = Σ dy_i (x_i - m) / √(v + ε)     dβ = Σ dy_i
 *
 * **What is collected.** With the share μ of a new batch, m' = (1 - μ) m' + μ m, and v' = (1 - μ) v' + μ v n/(n - 1): the
 * variance without bias, because v' shall estimate the variance of all data, while y is normalised with that of the batch.
 */
export const batchNorm: {
  /** (batch, channels, ...) → the same. */
  forward(inputs: NormForwardInputs & BatchStatistics): NumericArray
  /** From dy to dx, dγ and dβ; with given statistics those are constants. */
  backward(inputs: NormBackwardInputs & BatchStatistics): NormGradients
  /** The running statistics after one batch. */
  track(inputs: BatchTrackInputs): { readonly mean: NumericArray; readonly variance: NumericArray }
} = {
  forward: ({ mean, variance, ...inputs }) => {
    const layout = channelsOf(inputs.x)
    if (mean === undefined || variance === undefined)
      return normForward(inputs, layout, momentsOf(inputs.x, layout))
    return normForward(inputs, layout, { mean: mean.data, variance: variance.data })
  },

  backward: ({ mean, variance, ...inputs }) => {
    const layout = channelsOf(inputs.x)
    if (mean === undefined || variance === undefined) return normBackward(inputs, layout)
    const { dy, x, weight, epsilon } = inputs
    const dx = zerosOf(x.shape, [x, dy])
    for (let i = 0; i < x.data.length; i++) {
      const channel = layout.groupOf[i]!
      dx.data[i] = (dy.data[i]! * (weight?.data[channel] ?? 1)) / Math.sqrt(variance.data[channel]! + epsilon)
    }
    return { dx, ...affineGradients(inputs, layout, { mean: mean.data, variance: variance.data }) }
  },

  track: ({ x, runningMean, runningVariance, momentum }) => {
    const { mean, variance, counts } = momentsOf(x, channelsOf(x))
    const next = (running: NumericArray, found: (channel: number) => number): NumericArray =>
      numericArray(
        running.shape,
        Float64Array.from(running.data, (value, c) => (1 - momentum) * value + momentum * found(c)),
      )
    return {
      mean: next(runningMean, c => mean[c]!),
      variance: next(runningVariance, c => (variance[c]! * counts[c]!) / (counts[c]! - 1)),
    }
  },
}
