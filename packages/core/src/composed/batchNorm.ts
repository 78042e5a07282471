import { add } from '../ops/add.ts'
import { mul } from '../ops/mul.ts'
import { reshape } from '../ops/reshape.ts'
import { rsqrt } from '../ops/rsqrt.ts'
import { standardize } from '../ops/standardize.ts'
import { sub } from '../ops/sub.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type AffineOptions, affine, alongAxisOf, aroundAxis, expectEpsilon, seenAs } from './affine.ts'

export type { AffineOptions }

/** Statistics that were collected before, one number for each channel: both, or none. */
export interface GivenStatistics {
  readonly mean?: Tensor | null
  readonly variance?: Tensor | null
}

/** Settings of {@link batchNorm}. Weight and bias have one number for each channel. */
export interface BatchNormOptions extends AffineOptions, GivenStatistics {
  /** Added to the variance under the root. Default 1e-5. */
  readonly epsilon?: number
  /** The axis of the channels. Default 1. */
  readonly axis?: number
}

/**
 * Every channel brought to the mean 0 and the variance 1, then scaled and moved:
 * (x - mean) / √(variance + epsilon) * weight + bias. Without `mean` and `variance` they are those of the batch, over all
 * axes but that of the channels, as in training; with them, as when a trained network is used, they are constants unless
 * they require gradients. `[batch, channels, ...] -> [batch, channels, ...]`.
 *
 * The variance of the batch is the mean of the squared deviations, computed in float64 in two passes; the gradient goes
 * through mean and variance. Source: S. Ioffe and C. Szegedy, "Batch normalization", 2015.
 *
 * @example
 * ```ts
 * import { batchNorm, tensor } from '@adjoint/core'
 * const x = tensor([[1, 10], [3, 30]])
 * batchNorm(x, { epsilon: 0 }).toArray() // => [[-1, -1], [1, 1]]
 * const [mean, variance] = [tensor([1, 0]), tensor([4, 100])]
 * batchNorm(x, { mean, variance, epsilon: 0 }).toArray() // => [[0, 1], [1, 3]]
 * ```
 * @throws ArgumentError for a batch with one value per channel, for only one of mean and variance, and for an epsilon below
 * 0; ShapeError when a tensor does not have one number for each channel.
 */
export function batchNorm<S extends Shape>(x: Tensor<S>, options: BatchNormOptions = {}): Tensor<S> {
  expectOptions('batchNorm', options, ['weight', 'bias', 'mean', 'variance', 'epsilon', 'axis'])
  const epsilon = expectEpsilon('batchNorm', options.epsilon ?? 1e-5)
  const input: Tensor = expectTensor('batchNorm', x)
  const axis = normalizeAxis('batchNorm', options.axis ?? 1, input.rank)
  if (hasStatistics('batchNorm', options))
    return withStatistics('batchNorm', input, axis, epsilon, options) as unknown as Tensor<S>
  const layout = aroundAxis(input.shape, axis)
  if (layout[0] * layout[2] === 1) {
    throw new ArgumentError(
      'batchNorm',
      `needs more than one value per channel for their variance, got ${formatShape(input.shape)}; give it a larger batch, or mean and variance.`,
    )
  }
  const standard = standardize(reshape(input, layout), { centered: true, epsilon })
  const shaped = reshape(standard, input.shape)
  return affine(
    'batchNorm',
    shaped,
    options,
    [layout[1]],
    alongAxisOf(input.shape, axis),
  ) as unknown as Tensor<S>
}

/** Whether statistics are given; one without the other is a mistake. */
export function hasStatistics(op: string, { mean = null, variance = null }: GivenStatistics): boolean {
  if ((mean === null) === (variance === null)) return mean !== null
  throw new ArgumentError(op, 'takes mean and variance together, or neither.')
}

/** A norm with the statistics of each channel given. */
export function withStatistics(
  op: string,
  x: Tensor,
  axis: number,
  epsilon: number,
  { mean, variance, weight = null, bias = null }: GivenStatistics & AffineOptions,
): Tensor {
  const given = [x.shape[axis]!]
  const seen = alongAxisOf(x.shape, axis)
  const of = (name: string, tensor: Tensor): Tensor => seenAs(op, name, tensor, given, seen)
  const scale = rsqrt(add(of('variance', variance!), epsilon))
  const factor = weight === null ? scale : mul(scale, of('weight', weight))
  const scaled = mul(sub(x, of('mean', mean!)), factor)
  return bias === null ? scaled : add(scaled, of('bias', bias))
}
