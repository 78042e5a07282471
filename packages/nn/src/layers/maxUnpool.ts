import { expectOptions, perAxis } from '@adjoint/core/engine'
import { maxUnpool, type PerAxis, type Tensor } from '@adjoint/core/functional'
import { expectSpace, shownPerAxis, type WindowSettings, windowSettings } from '../module/space.ts'

/** Settings of {@link MaxUnpool1d}, {@link MaxUnpool2d} and {@link MaxUnpool3d}: those of the pooling. */
export interface MaxUnpoolLayerOptions {
  /** From one window to the next. Default: the kernel. */
  readonly stride?: PerAxis
  /** How far windows reached beyond each end. Default 0. */
  readonly padding?: PerAxis
}

/** What was pooled, and where it was. */
export interface MaxUnpoolInput {
  readonly values: Tensor
  readonly indices: Tensor
  /** The size that the pooling began with, where that is not the smallest possible one. */
  readonly outputSize?: PerAxis
}

/** The settings, one number for each axis of the space. */
export interface MaxUnpoolSettings extends WindowSettings {
  readonly padding: readonly number[]
}

function settingsOf(
  layer: string,
  axes: number,
  kernel: PerAxis,
  options: MaxUnpoolLayerOptions,
): MaxUnpoolSettings {
  expectOptions(layer, options, ['stride', 'padding'])
  const { stride, padding = 0 } = options
  return Object.freeze({
    ...windowSettings(layer, axes, kernel, stride),
    padding: perAxis(layer, 'padding', padding, axes, 0),
  })
}

function unpooled(
  layer: string,
  axes: number,
  settings: MaxUnpoolSettings,
  { values, indices, outputSize }: MaxUnpoolInput,
): Tensor {
  expectSpace(layer, axes, values)
  return maxUnpool(values, indices, { ...settings, ...(outputSize !== undefined && { outputSize }) })
}

/**
 * Pooled values of signals back at the places that they came from, zeros around them; takes what `MaxPool1d.forwardWithIndices`
 * gives. The function is `maxUnpool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { MaxPool1d, MaxUnpool1d } from '@adjoint/nn'
 * const pooled = new MaxPool1d(2).forwardWithIndices(tensor([[[3, 1, 2, 4]]]))
 * new MaxUnpool1d(2).forward(pooled).toArray() // => [[[3, 0, 0, 4]]]
 * ```
 */
export class MaxUnpool1d {
  readonly settings: MaxUnpoolSettings

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: MaxUnpoolLayerOptions = {}) {
    this.settings = settingsOf('MaxUnpool1d', 1, kernel, options)
  }

  /** @throws ShapeError for another rank, or shapes that differ; ArgumentError for an index outside of the plane. */
  forward(input: MaxUnpoolInput): Tensor {
    return unpooled(String(this), 1, this.settings, input)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `MaxUnpool1d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * Pooled values of images back at the places that they came from, zeros around them; takes what `MaxPool2d.forwardWithIndices`
 * gives. The function is `maxUnpool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { MaxPool2d, MaxUnpool2d } from '@adjoint/nn'
 * const pooled = new MaxPool2d(2).forwardWithIndices(tensor([[[[1, 5], [3, 4]]]]))
 * new MaxUnpool2d(2).forward(pooled).toArray() // => [[[[0, 5], [0, 0]]]]
 * ```
 */
export class MaxUnpool2d {
  readonly settings: MaxUnpoolSettings

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: MaxUnpoolLayerOptions = {}) {
    this.settings = settingsOf('MaxUnpool2d', 2, kernel, options)
  }

  /** @throws ShapeError for another rank, or shapes that differ; ArgumentError for an index outside of the plane. */
  forward(input: MaxUnpoolInput): Tensor {
    return unpooled(String(this), 2, this.settings, input)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `MaxUnpool2d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * Pooled values of volumes back at the places that they came from, zeros around them; takes what `MaxPool3d.forwardWithIndices`
 * gives. The function is `maxUnpool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { MaxPool3d, MaxUnpool3d } from '@adjoint/nn'
 * const pooled = new MaxPool3d(2).forwardWithIndices(tensor([[[[[1, 5], [3, 4]], [[7, 0], [2, 6]]]]]))
 * new MaxUnpool3d(2).forward(pooled).toArray() // => [[[[[0, 0], [0, 0]], [[7, 0], [0, 0]]]]]
 * ```
 */
export class MaxUnpool3d {
  readonly settings: MaxUnpoolSettings

  /** @throws ArgumentError for settings that are not whole numbers, or that it does not know. */
  constructor(kernel: PerAxis, options: MaxUnpoolLayerOptions = {}) {
    this.settings = settingsOf('MaxUnpool3d', 3, kernel, options)
  }

  /** @throws ShapeError for another rank, or shapes that differ; ArgumentError for an index outside of the plane. */
  forward(input: MaxUnpoolInput): Tensor {
    return unpooled(String(this), 3, this.settings, input)
  }

  toString(): string {
    const { kernel, stride } = this.settings
    return `MaxUnpool3d(kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}
