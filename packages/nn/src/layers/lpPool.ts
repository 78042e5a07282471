import { expectOptions } from '@adjoint/core/engine'
import { lpPool, type PerAxis, type Shape, type Tensor } from '@adjoint/core/functional'
import type { ShapeRule } from '../module/module.ts'
import type { ResizedSpace } from '../module/shapes.ts'
import { expectSpace, shownPerAxis, type WindowSettings, windowSettings } from '../module/space.ts'

/** Settings of {@link LpPool1d}, {@link LpPool2d} and {@link LpPool3d}; a number is for all axes of the space. */
export interface LpPoolLayerOptions {
  /** From one window to the next. Default: the kernel. */
  readonly stride?: PerAxis
  /** Whether a last window may reach over what is left over. Default false. */
  readonly ceilMode?: boolean
}

/** The settings, one number for each axis of the space. */
export interface LpPoolSettings extends WindowSettings {
  readonly order: number
  readonly ceilMode: boolean
}

function settingsOf(
  layer: string,
  axes: number,
  [order, kernel]: readonly [number, PerAxis],
  options: LpPoolLayerOptions,
): LpPoolSettings {
  expectOptions(layer, options, ['stride', 'ceilMode'])
  const { stride, ceilMode = false } = options
  return Object.freeze({ order, ...windowSettings(layer, axes, kernel, stride), ceilMode })
}

/**
 * The power sum of every window of signals, (Σ xᵖ)^(1/p): `[batch, channels, length]` or without the batch; the function is
 * `lpPool`. The gradient is 0 where the sum is.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { LpPool1d } from '@adjoint/nn'
 * new LpPool1d(2, 2).forward(tensor([[[3, 4, 6, 8]]])).toArray() // => [[[5, 10]]]
 * ```
 */
export class LpPool1d {
  readonly settings: LpPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 1>

  /**
   * @param order the exponent p
   * @throws ArgumentError for settings that are not whole numbers, or that it does not know.
   */
  constructor(order: number, kernel: PerAxis, options: LpPoolLayerOptions = {}) {
    this.settings = settingsOf('LpPool1d', 1, [order, kernel], options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 1>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 1, input)
    return lpPool(input, this.settings)
  }

  toString(): string {
    const { order, kernel, stride } = this.settings
    return `LpPool1d(order ${order}, kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * The power sum of every window of images, (Σ xᵖ)^(1/p): `[batch, channels, height, width]` or without the batch; the function is
 * `lpPool`. The gradient is 0 where the sum is.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { LpPool2d } from '@adjoint/nn'
 * new LpPool2d(2, 2).forward(tensor([[[[1, 5], [1, 3]]]])).toArray() // => [[[[6]]]]
 * ```
 */
export class LpPool2d {
  readonly settings: LpPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 2>

  /**
   * @param order the exponent p
   * @throws ArgumentError for settings that are not whole numbers, or that it does not know.
   */
  constructor(order: number, kernel: PerAxis, options: LpPoolLayerOptions = {}) {
    this.settings = settingsOf('LpPool2d', 2, [order, kernel], options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 2>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 2, input)
    return lpPool(input, this.settings)
  }

  toString(): string {
    const { order, kernel, stride } = this.settings
    return `LpPool2d(order ${order}, kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}

/**
 * The power sum of every window of volumes, (Σ xᵖ)^(1/p): `[batch, channels, depth, height, width]` or without the batch; the function is
 * `lpPool`. The gradient is 0 where the sum is.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { LpPool3d } from '@adjoint/nn'
 * new LpPool3d(2, 2).forward(tensor([[[[[1, 5], [1, 3]], [[0, 0], [0, 8]]]]])).toArray() // => [[[[[10]]]]]
 * ```
 */
export class LpPool3d {
  readonly settings: LpPoolSettings
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 3>

  /**
   * @param order the exponent p
   * @throws ArgumentError for settings that are not whole numbers, or that it does not know.
   */
  constructor(order: number, kernel: PerAxis, options: LpPoolLayerOptions = {}) {
    this.settings = settingsOf('LpPool3d', 3, [order, kernel], options)
  }

  /** @throws ShapeError for another rank, and when no window fits. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 3>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 3, input)
    return lpPool(input, this.settings)
  }

  toString(): string {
    const { order, kernel, stride } = this.settings
    return `LpPool3d(order ${order}, kernel ${shownPerAxis(kernel)}, stride ${shownPerAxis(stride)})`
  }
}
