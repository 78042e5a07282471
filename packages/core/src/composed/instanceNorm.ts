import { reshape } from '../ops/reshape.ts'
import { standardize } from '../ops/standardize.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { sizeOf } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type AffineOptions, affine, alongAxisOf, expectChannels, expectEpsilon } from './affine.ts'
import { type GivenStatistics, hasStatistics, withStatistics } from './batchNorm.ts'

/** Settings of {@link instanceNorm}. All tensors have one number for each channel. */
export interface InstanceNormOptions extends AffineOptions, GivenStatistics {
  /** Added to the variance under the root. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * Every channel of every example brought to the mean 0 and the variance 1 over its places, then scaled and moved. With
 * `mean` and `variance` these are used instead, for all examples. `[batch, channels, ...space] -> [batch, channels, ...space]`.
 * Source: D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance normalization", 2016.
 *
 * @example
 * ```ts
 * import { instanceNorm, tensor } from '@adjoint/core'
 * instanceNorm(tensor([[[1, 3], [10, 30]]]), { epsilon: 0 }).toArray() // => [[[-1, 1], [-1, 1]]]
 * ```
 * @throws ShapeError for fewer than three axes, or when a tensor does not have one number for each channel; ArgumentError
 * for channels with a single place, for only one of mean and variance, and for an epsilon below 0.
 */
export function instanceNorm<S extends Shape>(x: Tensor<S>, options: InstanceNormOptions = {}): Tensor<S> {
  expectOptions('instanceNorm', options, ['weight', 'bias', 'mean', 'variance', 'epsilon'])
  const epsilon = expectEpsilon('instanceNorm', options.epsilon ?? 1e-5)
  const input = expectChannels('instanceNorm', x as Tensor, 3, '[batch, channels, ...space]')
  if (hasStatistics('instanceNorm', options))
    return withStatistics('instanceNorm', input, 1, epsilon, options) as unknown as Tensor<S>
  const [batch, channels, ...space] = input.shape as [number, number, ...number[]]
  const places = sizeOf(space)
  if (places === 1) {
    throw new ArgumentError(
      'instanceNorm',
      `needs more than one place per channel for their variance, got ${formatShape(input.shape)}; give it mean and variance, or use layerNorm over the channels.`,
    )
  }
  const standard = standardize(reshape(input, [1, batch * channels, places]), { centered: true, epsilon })
  const shaped = reshape(standard, input.shape)
  return affine(
    'instanceNorm',
    shaped,
    options,
    [channels],
    alongAxisOf(input.shape, 1),
  ) as unknown as Tensor<S>
}
