import { expectOptions, perAxis } from '@adjoint/core/engine'
import type { PerAxis, Selection, Shape, Tensor } from '@adjoint/core/functional'
import { maxPool, maxPoolWithIndices } from '@adjoint/core/functional'
import type { ShapeRule } from '../module/module.ts'
import type { ResizedSpace } from '../module/shapes.ts'
import { expectSpace, shownPerAxis, type WindowSettings, windowSettings } from '../module/space.ts'

/** Settings of {@link MaxPool1d}, {@link MaxPool2d} and {@link MaxPool3d}; a number is for all axes of the space. */
export interface MaxPoolLayerOptions {
  /** From one window to the next. Default: the kernel. */
  readonly stride?: PerAxis
  /** How far windows may reach beyond each end; at most half of the kernel. Default 0. */
  readonly padding?: PerAxis
  /** Distance between neighbours within a window. Default 1. */
  readonly dilation?: PerAxis
  /** Whether a last window may reach over what is left over. Default false. */
  readonly ceilMode?: boolean
}

/** The settings, one number for each axis of the space. */
export interface MaxPoolSettings extends WindowSettings {
  readonly padding: readonly number[]
  readonly dilation: readonly number[]
  readonly ceilMode: boolean
}

function settingsOf(
  layer: string,
  axes: number,
  kernel: PerAxis,
  options: MaxPoolLayerOptions,
): MaxPoolSettings {
  expectOptions(layer, options, ['stride', 'padding', 'dilation', 'ceilMode'])
  const { stride, padding = 0, dilation = 1, ceilMode = false } = options
  return Object.freeze({
    ...windowSettings(layer, axes, kernel, stride),
    padding: perAxis(layer, 'padding', padding, axes, 0),
    dilation: perAxis(layer, 'dilation', dilation, axes, 1),
    ceilMode,
  })
}

/**
 * The largest element of every window of signals: `[batch, channels, length]` or without the batch; the function is
 * `maxPool`. Of equal largest elements the first one gets the gradient.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { MaxPool1d } from '@adjoint/nn'
 * new MaxPool1d(2).forward(tensor([[[1, 5, 2, 0]]])).toArray() // => [[[5, 2]]]
 * ```
 */
export class MaxPool1d {
  readonly settings: MaxPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 1>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: MaxPoolLayerOptions = {}) {
    this.settings = settingsOf('MaxPool1d', 1, kernel, options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 1>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 1, input)
    return maxPool(input, this.settings)
  }

  /** The largest elements, and where in the plane of their channel they were; `MaxUnpool1d` takes both. */
  forwardWithIndices(input: Tensor): Selection {
    expectSpace(String(this), 1, input)
    return maxPoolWithIndices(input, this.settings)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `MaxPool1d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * The largest element of every window of images: `[batch, channels, height, width]` or without the batch; the function is
 * `maxPool`. Of equal largest elements the first one gets the gradient.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { MaxPool2d } from '@adjoint/nn'
 * new MaxPool2d(2).forward(tensor([[[[1, 5], [3, 4]]]])).toArray() // => [[[[5]]]]
 * ```
 */
export class MaxPool2d {
  readonly settings: MaxPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 2>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: MaxPoolLayerOptions = {}) {
    this.settings = settingsOf('MaxPool2d', 2, kernel, options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 2>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 2, input)
    return maxPool(input, this.settings)
  }

  /** The largest elements, and where in the plane of their channel they were; `MaxUnpool2d` takes both. */
  forwardWithIndices(input: Tensor): Selection {
    expectSpace(String(this), 2, input)
    return maxPoolWithIndices(input, this.settings)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `MaxPool2d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * The largest element of every window of volumes: `[batch, channels, depth, height, width]` or without the batch; the function is
 * `maxPool`. Of equal largest elements the first one gets the gradient.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { MaxPool3d } from '@adjoint/nn'
 * new MaxPool3d(2).forward(tensor([[[[[1, 5], [3, 4]], [[7, 0], [2, 6]]]]])).toArray() // => [[[[[7]]]]]
 * ```
 */
export class MaxPool3d {
  readonly settings: MaxPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 3>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: MaxPoolLayerOptions = {}) {
    this.settings = settingsOf('MaxPool3d', 3, kernel, options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 3>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 3, input)
    return maxPool(input, this.settings)
  }

  /** The largest elements, and where in the plane of their channel they were; `MaxUnpool3d` takes both. */
  forwardWithIndices(input: Tensor): Selection {
    expectSpace(String(this), 3, input)
    return maxPoolWithIndices(input, this.settings)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `MaxPool3d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}
