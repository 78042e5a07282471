import { reshape } from '../ops/reshape.ts'
import { standardize } from '../ops/standardize.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { sizeOf } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type AffineOptions, affine, alongAxisOf, expectChannels, expectEpsilon } from './affine.ts'

/** Settings of {@link groupNorm}. Weight and bias have one number for each channel. */
export interface GroupNormOptions extends AffineOptions {
  /** Added to the variance under the root. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * The channels of each example in groups of neighbours, every group brought to the mean 0 and the variance 1 over its
 * channels and all places, then every channel scaled and moved. One group is a layer norm over channels and space, as many
 * groups as channels are an instance norm. `[batch, channels, ...] -> [batch, channels, ...]`.
 * Source: Y. Wu and K. He, "Group normalization", 2018.
 *
 * @param groups number of groups; it divides the number of channels
 * @example
 * ```ts
 * import { groupNorm, tensor } from '@adjoint/core'
 * groupNorm(tensor([[1, 3, 10, 30]]), 2, { epsilon: 0 }).toArray() // => [[-1, 1, -1, 1]]
 * ```
 * @throws ShapeError when the channels do not split into so many groups, or weight or bias do not have one number for each;
 * ArgumentError for an epsilon below 0, or a number of groups that is not whole and above 0.
 */
export function groupNorm<S extends Shape>(
  x: Tensor<S>,
  groups: number,
  options: GroupNormOptions = {},
): Tensor<S> {
  expectOptions('groupNorm', options, ['weight', 'bias', 'epsilon'])
  const epsilon = expectEpsilon('groupNorm', options.epsilon ?? 1e-5)
  const input = expectChannels('groupNorm', x as Tensor, 2, '[batch, channels, ...]')
  const [batch, channels, ...space] = input.shape as [number, number, ...number[]]
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ArgumentError('groupNorm', `the number of groups must be whole and above 0, got ${groups}.`)
  }
  if (channels % groups !== 0) {
    throw new ShapeError(
      'groupNorm',
      `${channels} channels do not split into ${groups} groups of equal size; the input is ${formatShape(input.shape)}.`,
      [input.shape],
    )
  }
  const layout = [1, batch * groups, (channels / groups) * sizeOf(space)]
  const standard = standardize(reshape(input, layout), { centered: true, epsilon })
  const shaped = reshape(standard, input.shape)
  return affine('groupNorm', shaped, options, [channels], alongAxisOf(input.shape, 1)) as unknown as Tensor<S>
}
