import { expectOptions, perAxis } from '@adjoint/core/engine'
import { averagePool, type PerAxis, type Shape, type Tensor } from '@adjoint/core/functional'
import type { ShapeRule } from '../module/module.ts'
import type { ResizedSpace } from '../module/shapes.ts'
import { expectSpace, shownPerAxis, type WindowSettings, windowSettings } from '../module/space.ts'

/** Settings of {@link AveragePool1d}, {@link AveragePool2d} and {@link AveragePool3d}; a number is for all axes of the space. */
export interface AveragePoolLayerOptions {
  /** From one window to the next. Default: the kernel. */
  readonly stride?: PerAxis
  /** How far windows may reach beyond each end; at most half of the kernel. Default 0. */
  readonly padding?: PerAxis
  /** Whether a last window may reach over what is left over. Default false. */
  readonly ceilMode?: boolean
  /** Whether the zeros of the padding count as elements of a window. Default true. */
  readonly countIncludePad?: boolean
  /** What the sum of a window is divided by. Default: the number of its elements. */
  readonly divisor?: number
}

/** The settings, one number for each axis of the space. */
export interface AveragePoolSettings extends WindowSettings {
  readonly padding: readonly number[]
  readonly ceilMode: boolean
  readonly countIncludePad: boolean
  readonly divisor?: number
}

function settingsOf(
  layer: string,
  axes: number,
  kernel: PerAxis,
  options: AveragePoolLayerOptions,
): AveragePoolSettings {
  expectOptions(layer, options, ['stride', 'padding', 'ceilMode', 'countIncludePad', 'divisor'])
  const { stride, padding = 0, ceilMode = false, countIncludePad = true, divisor } = options
  return Object.freeze({
    ...windowSettings(layer, axes, kernel, stride),
    padding: perAxis(layer, 'padding', padding, axes, 0),
    ceilMode,
    countIncludePad,
    ...(divisor !== undefined && { divisor }),
  })
}

/**
 * The mean of every window of signals: `[batch, channels, length]` or without the batch; the function is `averagePool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AveragePool1d } from '@adjoint/nn'
 * new AveragePool1d(2).forward(tensor([[[2, 4, 6, 8]]])).toArray() // => [[[3, 7]]]
 * ```
 */
export class AveragePool1d {
  readonly settings: AveragePoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 1>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: AveragePoolLayerOptions = {}) {
    this.settings = settingsOf('AveragePool1d', 1, kernel, options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 1>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 1, input)
    return averagePool(input, this.settings)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `AveragePool1d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * The mean of every window of images: `[batch, channels, height, width]` or without the batch; the function is `averagePool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AveragePool2d } from '@adjoint/nn'
 * new AveragePool2d(2).forward(tensor([[[[1, 5], [3, 7]]]])).toArray() // => [[[[4]]]]
 * ```
 */
export class AveragePool2d {
  readonly settings: AveragePoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 2>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: AveragePoolLayerOptions = {}) {
    this.settings = settingsOf('AveragePool2d', 2, kernel, options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 2>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 2, input)
    return averagePool(input, this.settings)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `AveragePool2d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * The mean of every window of volumes: `[batch, channels, depth, height, width]` or without the batch; the function is `averagePool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AveragePool3d } from '@adjoint/nn'
 * new AveragePool3d(2).forward(tensor([[[[[1, 5], [3, 7]], [[1, 5], [3, 7]]]]])).toArray() // => [[[[[4]]]]]
 * ```
 */
export class AveragePool3d {
  readonly settings: AveragePoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 3>

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: AveragePoolLayerOptions = {}) {
    this.settings = settingsOf('AveragePool3d', 3, kernel, options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 3>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 3, input)
    return averagePool(input, this.settings)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `AveragePool3d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}
