import { expectOptions, perAxis } from '@adjoint/core/engine'
import {
  ArgumentError,
  fractionalMaxPoolWithIndices,
  type PerAxis,
  type Rng,
  type Selection,
  type Shape,
  type Tensor,
} from '@adjoint/core/functional'
import type { ForwardContext, ShapeRule } from '../module/module.ts'
import type { ResizedSpace } from '../module/shapes.ts'
import { expectSpace, shownPerAxis } from '../module/space.ts'

/** Settings of {@link FractionalMaxPool2d} and {@link FractionalMaxPool3d}: one of the two. */
export interface FractionalMaxPoolLayerOptions {
  /** Number of windows. */
  readonly outputSize?: PerAxis
  /** Number of windows as a part of the size, between 0 and 1. */
  readonly outputRatio?: number | readonly number[]
  /**
   * Numbers in [0, 1) that the places of the windows follow from, `[batch, channels, axes of space]`. Default: drawn from
   * `context.rng` in every pass.
   */
  readonly samples?: Tensor
}

/** What both of them hold. */
export interface FractionalMaxPoolSettings extends FractionalMaxPoolLayerOptions {
  readonly kernel: readonly number[]
}

function settingsOf(
  layer: string,
  axes: number,
  kernel: PerAxis,
  options: FractionalMaxPoolLayerOptions,
): FractionalMaxPoolSettings {
  expectOptions(layer, options, ['outputSize', 'outputRatio', 'samples'])
  const { outputSize, outputRatio } = options
  if ((outputSize === undefined) === (outputRatio === undefined)) {
    throw new ArgumentError(layer, 'takes either outputSize or outputRatio.')
  }
  const spread = typeof outputRatio === 'number' ? new Array<number>(axes).fill(outputRatio) : outputRatio
  return Object.freeze({
    ...options,
    kernel: perAxis(layer, 'kernel', kernel, axes, 1),
    ...(outputSize !== undefined && { outputSize: perAxis(layer, 'outputSize', outputSize, axes, 1) }),
    ...(spread !== undefined && { outputRatio: spread }),
  })
}

function pooled(
  layer: string,
  settings: FractionalMaxPoolSettings,
  input: Tensor,
  rng: Rng | undefined,
): Selection {
  if (settings.samples !== undefined) return fractionalMaxPoolWithIndices(input, settings)
  if (rng !== undefined) return fractionalMaxPoolWithIndices(input, { ...settings, rng })
  throw new ArgumentError(
    layer,
    'draws the places of its windows and got no generator: call forward(input, { rng: new Rng(seed) }), or give the layer samples.',
  )
}

/**
 * The largest element of windows of images whose distances vary at random: `[batch, channels, height, width]` or without the
 * batch; the function is `fractionalMaxPool`. Draws in training and in inference alike, as PyTorch does. Of equal largest
 * elements the first one gets the gradient.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { FractionalMaxPool2d } from '@adjoint/nn'
 * const pool = new FractionalMaxPool2d(2, { outputRatio: 0.5 })
 * pool.forward(zeros([1, 1, 4, 4]), { rng: new Rng(0) }).shape // => [1, 1, 2, 2]
 * ```
 */
export class FractionalMaxPool2d {
  readonly settings: FractionalMaxPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 2>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: FractionalMaxPoolLayerOptions) {
    this.settings = settingsOf('FractionalMaxPool2d', 2, kernel, options)
  }

  /** @throws ArgumentError without `context.rng`; ShapeError for another rank, and when the windows do not fit. */
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<ResizedSpace<S, 2>>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    return this.forwardWithIndices(input, context).values
  }

  /** The largest elements, and where in the plane of their channel they were. */
  forwardWithIndices(input: Tensor, context?: ForwardContext): Selection {
    expectSpace(String(this), 2, input)
    return pooled('FractionalMaxPool2d', this.settings, input, context?.rng)
  }

  toString(): string {
    return `FractionalMaxPool2d(kernel ${shownPerAxis(this.settings.kernel)})`
  }
}

/**
 * The largest element of windows of volumes whose distances vary at random: `[batch, channels, depth, height, width]` or without the
 * batch; the function is `fractionalMaxPool`. Draws in training and in inference alike, as PyTorch does. Of equal largest
 * elements the first one gets the gradient.
 *
 * @example
 * ```ts
 * import { Rng, zeros } from '@adjoint/core'
 * import { FractionalMaxPool3d } from '@adjoint/nn'
 * const pool = new FractionalMaxPool3d(2, { outputRatio: 0.5 })
 * pool.forward(zeros([1, 1, 4, 4, 4]), { rng: new Rng(0) }).shape // => [1, 1, 2, 2, 2]
 * ```
 */
export class FractionalMaxPool3d {
  readonly settings: FractionalMaxPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 3>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: FractionalMaxPoolLayerOptions) {
    this.settings = settingsOf('FractionalMaxPool3d', 3, kernel, options)
  }

  /** @throws ArgumentError without `context.rng`; ShapeError for another rank, and when the windows do not fit. */
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<ResizedSpace<S, 3>>
  forward(input: Tensor, context?: ForwardContext): Tensor {
    return this.forwardWithIndices(input, context).values
  }

  /** The largest elements, and where in the plane of their channel they were. */
  forwardWithIndices(input: Tensor, context?: ForwardContext): Selection {
    expectSpace(String(this), 3, input)
    return pooled('FractionalMaxPool3d', this.settings, input, context?.rng)
  }

  toString(): string {
    return `FractionalMaxPool3d(kernel ${shownPerAxis(this.settings.kernel)})`
  }
}
