import { expectOptions, formatShape } from '@adjoint/core/engine'
import {
  instanceNorm,
  type Parameter,
  reshape,
  type Shape,
  ShapeError,
  type Tensor,
} from '@adjoint/core/functional'
import { AFFINE_SETTINGS, type AffineSettings, affineParameters } from '../module/affineParameters.ts'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import { parameterDType } from '../module/newParameter.ts'
import { freshStatistics, STATISTICS_IN_PYTORCH, trackStatistics } from '../module/runningStatistics.ts'
import type { EnteringChannels } from '../module/shapes.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { expectMomentum, expectNormEpsilon } from './batchNorm.ts'

/** Settings of {@link InstanceNorm}. `affine` is false by default. */
export interface InstanceNormSettings extends AffineSettings {
  /**
   * The share of a new batch in the running statistics, 0.1 by default; null for the plain average of all batches so far.
   */
  readonly momentum?: number | null
  /** Whether running statistics are kept, and used outside of training. Default false. */
  readonly trackRunningStatistics?: boolean
}

/**
 * Instance norm: every channel of every example is brought to the mean 0 and the variance 1 over its places, and, with
 * `affine`, scaled and moved. `[batch, channels, ...space] -> [batch, channels, ...space]`: PyTorch's InstanceNorm1d, 2d
 * and 3d. The input has a batch axis always.
 *
 * With `trackRunningStatistics` each pass of training moves the running statistics by the average over the batch of the
 * means and of the unbiased variances, and any other pass uses them.
 * Source: D. Ulyanov, A. Vedaldi and V. Lempitsky, "Instance normalization", 2016.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { InstanceNorm } from '@adjoint/nn'
 * new InstanceNorm(2, { epsilon: 0 }).forward(tensor([[[1, 3], [10, 30]]])).toArray() // => [[[-1, 1], [-1, 1]]]
 * ```
 */
export class InstanceNorm<Channels extends number = number> {
  readonly channels: Channels
  readonly epsilon: number
  readonly momentum: number | null
  readonly weight: Parameter | null
  readonly bias: Parameter | null
  readonly runningMean: Parameter | null
  readonly runningVariance: Parameter | null
  /** How many batches the running statistics have seen, int32. */
  readonly batchesTracked: Parameter | null
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'keepsChannels', Channels>

  /**
   * @param channels size of axis 1
   * @throws ArgumentError for a size that is not a whole number from 1 up, a momentum outside of 0 to 1, an epsilon below 0,
   * an unknown setting, or an initialiser that returns another shape or dtype.
   */
  constructor(channels: Channels, settings: InstanceNormSettings = {}) {
    expectOptions('InstanceNorm', settings, [...AFFINE_SETTINGS, 'momentum', 'trackRunningStatistics'])
    expectSizes('InstanceNorm', { channels })
    const { epsilon = 1e-5, momentum = 0.1, trackRunningStatistics = false } = settings
    this.channels = channels
    this.epsilon = expectNormEpsilon('InstanceNorm', epsilon)
    this.momentum = expectMomentum('InstanceNorm', momentum)
    const { weight, bias } = affineParameters('InstanceNorm', [channels], settings.affine ?? false, settings)
    this.weight = weight
    this.bias = bias
    const statistics = trackRunningStatistics
      ? freshStatistics(channels, parameterDType(settings.dtype))
      : undefined
    this.runningMean = statistics?.runningMean ?? null
    this.runningVariance = statistics?.runningVariance ?? null
    this.batchesTracked = statistics?.batchesTracked ?? null
  }

  /** PyTorch's names of the running statistics. */
  get pytorchNames(): Readonly<Record<string, string>> {
    return STATISTICS_IN_PYTORCH
  }

  /**
   * @throws ShapeError when the input is not `[batch, channels, ...space]`; ArgumentError for channels with a single place
   * whose statistics are needed, when it is no tensor, and for running statistics that would have to be assigned inside of
   * `vmap`.
   */
  forward<S extends Shape>(input: EnteringChannels<S, Channels>, context?: ForwardContext): Tensor<S>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    const layer = String(this)
    expectTensor(layer, 'input', input)
    if (input.rank < 3 || input.shape[1] !== this.channels) {
      throw new ShapeError(
        layer,
        `takes [batch, ${this.channels}, ...space], got ${formatShape(input.shape)}; a single example needs a batch axis of size 1.`,
        [input.shape],
      )
    }
    const { weight, bias, epsilon } = this
    if (context?.training !== true && this.runningMean !== null) {
      const [mean, variance] = [this.runningMean, this.runningVariance]
      return instanceNorm(input, { mean, variance, weight, bias, epsilon })
    }
    const output = instanceNorm(input, { weight, bias, epsilon })
    const instances = input.shape[0]! * this.channels
    if (input.size > 0) {
      const groups = reshape(input, [1, instances, input.size / instances])
      trackStatistics(layer, this, groups, this.channels, context)
    }
    return output
  }

  /** `InstanceNorm(64)`, as summaries and messages show it. */
  toString(): string {
    return `InstanceNorm(${this.channels})`
  }
}
