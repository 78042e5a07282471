import { expectOptions, formatShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  groupNorm,
  type Parameter,
  type Shape,
  ShapeError,
  type Tensor,
} from '@adjoint/core/functional'
import { AFFINE_SETTINGS, type AffineSettings, affineParameters } from '../module/affineParameters.ts'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import type { EnteringChannels } from '../module/shapes.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { expectNormEpsilon } from './batchNorm.ts'

/**
 * Group norm: the channels of each example in groups of neighbours, every group brought to the mean 0 and the variance 1
 * over its channels and all places, then every channel scaled and moved. `[batch, channels, ...] -> [batch, channels, ...]`.
 * The same in training and afterwards. `affine` is true by default. Source: Y. Wu and K. He, "Group normalization", 2018.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { GroupNorm } from '@adjoint/nn'
 * new GroupNorm(2, 4, { epsilon: 0 }).forward(tensor([[1, 3, 10, 30]])).toArray() // => [[-1, 1, -1, 1]]
 * ```
 */
export class GroupNorm<Groups extends number = number, Channels extends number = number> {
  readonly groups: Groups
  readonly channels: Channels
  readonly epsilon: number
  readonly weight: Parameter | null
  readonly bias: Parameter | null
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'keepsChannels', Channels>

  /**
   * @param groups number of groups; it divides the number of channels
   * @param channels size of axis 1
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, channels that do not split into the groups, an
   * epsilon below 0, an unknown setting, or an initialiser that returns another shape or dtype.
   */
  constructor(groups: Groups, channels: Channels, settings: AffineSettings = {}) {
    expectOptions('GroupNorm', settings, AFFINE_SETTINGS)
    expectSizes('GroupNorm', { groups, channels })
    if (channels % groups !== 0) {
      throw new ArgumentError(
        'GroupNorm',
        `${channels} channels do not split into ${groups} groups of equal size; the groups come first, GroupNorm(groups, channels).`,
      )
    }
    this.groups = groups
    this.channels = channels
    this.epsilon = expectNormEpsilon('GroupNorm', settings.epsilon ?? 1e-5)
    const { weight, bias } = affineParameters('GroupNorm', [channels], settings.affine ?? true, settings)
    this.weight = weight
    this.bias = bias
  }

  /** @throws ShapeError when the input is not `[batch, channels, ...]`; ArgumentError when it is no tensor. */
  forward<S extends Shape>(input: EnteringChannels<S, Channels>, _context?: ForwardContext): Tensor<S>
  forward(input: Tensor): Tensor {
    expectTensor(String(this), 'input', input)
    const shape: readonly number[] = input.shape
    if (shape.length < 2 || shape[1] !== this.channels) {
      throw new ShapeError(String(this), `takes [batch, ${this.channels}, ...], got ${formatShape(shape)}.`, [
        shape,
      ])
    }
    const { weight, bias, epsilon } = this
    return groupNorm(input, this.groups, { weight, bias, epsilon })
  }

  /** `GroupNorm(2, 64)`, as summaries and messages show it. */
  toString(): string {
    return `GroupNorm(${this.groups}, ${this.channels})`
  }
}
