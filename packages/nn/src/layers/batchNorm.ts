import { expectOptions, formatShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  batchNorm,
  type Dim,
  type Parameter,
  reshape,
  type Shape,
  ShapeError,
  type Tensor,
} from '@adjoint/core/functional'
import { AFFINE_SETTINGS, type AffineSettings, affineParameters } from '../module/affineParameters.ts'
import { type Layout, unitsAxis } from '../module/layout.ts'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import { parameterDType } from '../module/newParameter.ts'
import { freshStatistics, STATISTICS_IN_PYTORCH, trackStatistics } from '../module/runningStatistics.ts'
import type { Entering, EnteringChannels } from '../module/shapes.ts'
import { expectTensor } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'

/** Settings of {@link BatchNorm}. `affine` is true by default. */
export interface BatchNormSettings<L extends Layout = Layout> extends AffineSettings {
  /**
   * The share of a new batch in the running statistics, 0.1 by default; null for the plain average of all batches so far.
   */
  readonly momentum?: number | null
  /** Whether running statistics are kept. Without them the statistics of the batch are used always. Default true. */
  readonly trackRunningStatistics?: boolean
  /** `'rows'`, the default: `[batch, features, ...]`. `'columns'`: `[features, m]`. */
  readonly layout?: L
}

/**
 * Batch norm: every feature is brought to the mean 0 and the variance 1, then scaled and moved,
 * y = (x - mean) / √(variance + epsilon) * weight + bias. `[batch, features, ...] -> [batch, features, ...]`, of any rank
 * from 2 up: PyTorch's BatchNorm1d, 2d and 3d.
 *
 * - In training, `{ training: true }` in the context, mean and variance are those of the batch, and the gradient goes
 *   through them. The running statistics move on, once per pass, by the mean and the unbiased variance of the batch.
 * - Otherwise the running statistics are used, as constants.
 *
 * Under `checkpoint` and `scan` the statistics move once as well. Inside of `jvp` they are those of the value, without its
 * tangent. Inside of `vmap` there would be some for each example: pass `{ assign }` in the context to receive them.
 * Source: S. Ioffe and C. Szegedy, "Batch normalization", 2015.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { BatchNorm } from '@adjoint/nn'
 * const layer = new BatchNorm(2, { momentum: 0.5, epsilon: 0 })
 * const x = tensor([[1, 10], [3, 30]])
 * layer.forward(x, { training: true }).toArray() // => [[-1, -1], [1, 1]]
 * layer.runningMean?.toArray() // => [1, 10]
 * layer.runningVariance?.toArray() // => [1.5, 100.5]
 * ```
 */
export class BatchNorm<Features extends number = number, L extends Layout = 'rows'> {
  readonly features: Features
  readonly epsilon: number
  readonly momentum: number | null
  readonly layout: L
  readonly weight: Parameter | null
  readonly bias: Parameter | null
  readonly runningMean: Parameter | null
  readonly runningVariance: Parameter | null
  /** How many batches the running statistics have seen, int32. */
  readonly batchesTracked: Parameter | null
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: L extends 'columns'
    ? ShapeRule<'keepsLast', [Features, Dim]>
    : ShapeRule<'keepsChannels', Features>

  /**
   * @param features size of the axis of features
   * @throws ArgumentError for a size that is not a whole number from 1 up, a momentum outside of 0 to 1, an epsilon below 0,
   * an unknown setting or layout, or an initialiser that returns another shape or dtype.
   */
  constructor(features: Features, settings: BatchNormSettings<L> = {}) {
    expectOptions('BatchNorm', settings, [...AFFINE_SETTINGS, 'momentum', 'trackRunningStatistics', 'layout'])
    expectSizes('BatchNorm', { features })
    const { epsilon = 1e-5, momentum = 0.1, trackRunningStatistics = true } = settings
    const { layout = 'rows' as L } = settings
    unitsAxis('BatchNorm', layout)
    this.features = features
    this.epsilon = expectNormEpsilon('BatchNorm', epsilon)
    this.momentum = expectMomentum('BatchNorm', momentum)
    this.layout = layout
    const { weight, bias } = affineParameters('BatchNorm', [features], settings.affine ?? true, settings)
    this.weight = weight
    this.bias = bias
    const statistics = trackRunningStatistics
      ? freshStatistics(features, parameterDType(settings.dtype))
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
   * @throws ShapeError when the input does not have `features` on its axis of features; ArgumentError for a batch with one
   * value per feature whose statistics are needed, when it is no tensor, and for running statistics that would have to be
   * assigned inside of `vmap`.
   */
  forward<S extends Shape>(
    input: L extends 'columns' ? Entering<S, [Features, Dim]> : EnteringChannels<S, Features>,
    context?: ForwardContext,
  ): Tensor<S>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    const layer = String(this)
    expectTensor(layer, 'input', input)
    const axis = this.layout === 'columns' ? input.rank - 2 : 1
    if (input.rank < 2 || input.shape[axis] !== this.features) {
      const wanted = this.layout === 'columns' ? `[${this.features}, m]` : `[batch, ${this.features}, ...]`
      throw new ShapeError(
        layer,
        `takes ${wanted} (layout '${this.layout}'), got ${formatShape(input.shape)}.`,
        [input.shape],
      )
    }
    const { weight, bias, epsilon } = this
    const usesBatch = context?.training === true || this.runningMean === null
    if (!usesBatch) {
      const [mean, variance] = [this.runningMean, this.runningVariance]
      return batchNorm(input, { mean, variance, weight, bias, epsilon, axis })
    }
    if (input.size <= this.features) {
      throw new ArgumentError(
        layer,
        `needs more than one value per feature to take their variance in training, got ${formatShape(input.shape)}; ` +
          'give it a larger batch (drop the last one of an epoch when it is that small), or use a LayerNorm or GroupNorm.',
      )
    }
    const output = batchNorm(input, { weight, bias, epsilon, axis })
    const outer = sizeOf(input.shape.slice(0, axis))
    const inner = sizeOf(input.shape.slice(axis + 1))
    trackStatistics(layer, this, reshape(input, [outer, this.features, inner]), this.features, context)
    return output
  }

  /** `BatchNorm(64)`, as summaries and messages show it. */
  toString(): string {
    return `BatchNorm(${this.features})`
  }
}

function sizeOf(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1)
}

/** The share of a new batch: a number from 0 to 1, or null. */
export function expectMomentum(layer: string, momentum: number | null): number | null {
  if (momentum === null || (typeof momentum === 'number' && momentum >= 0 && momentum <= 1)) return momentum
  throw new ArgumentError(layer, `momentum must be a number from 0 to 1, or null, got ${String(momentum)}.`)
}

/** What is added under the root of a norm. */
export function expectNormEpsilon(layer: string, epsilon: number): number {
  if (typeof epsilon === 'number' && epsilon >= 0) return epsilon
  throw new ArgumentError(layer, `epsilon must be a number from 0 up, got ${String(epsilon)}.`)
}
