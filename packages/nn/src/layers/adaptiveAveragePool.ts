import { type AdaptiveSize, adaptiveAveragePool, type Shape, type Tensor } from '@adjoint/core/functional'
import { adaptiveSizeOf } from '../module/adaptiveSize.ts'
import type { ShapeRule } from '../module/module.ts'
import type { ResizedSpace } from '../module/shapes.ts'
import { expectSpace } from '../module/space.ts'

/**
 * The mean of parts of signals as equal as they can be, as many as are asked for: `[batch, channels, length]` or
 * without the batch; the function is `adaptiveAveragePool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AdaptiveAveragePool1d } from '@adjoint/nn'
 * new AdaptiveAveragePool1d(2).forward(tensor([[[1, 2, 3, 4, 5]]])).toArray() // => [[[2, 4]]]
 * ```
 */
export class AdaptiveAveragePool1d {
  /** One number for each axis of the space; null keeps a size. */
  readonly outputSize: readonly (number | null)[]
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 1>

  /**
   * @param outputSize one number for all axes of the space, or a list, where null keeps a size
   * @throws ArgumentError for sizes that are not whole numbers from 1 up.
   */
  constructor(outputSize: AdaptiveSize) {
    this.outputSize = adaptiveSizeOf('AdaptiveAveragePool1d', 1, outputSize)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 1>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 1, input)
    return adaptiveAveragePool(input, this.outputSize)
  }

  toString(): string {
    return `AdaptiveAveragePool1d(${JSON.stringify(this.outputSize)})`
  }
}

/**
 * The mean of parts of images as equal as they can be, as many as are asked for: `[batch, channels, height, width]` or
 * without the batch; the function is `adaptiveAveragePool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AdaptiveAveragePool2d } from '@adjoint/nn'
 * new AdaptiveAveragePool2d(1).forward(tensor([[[[1, 5], [3, 7]]]])).toArray() // => [[[[4]]]]
 * ```
 */
export class AdaptiveAveragePool2d {
  /** One number for each axis of the space; null keeps a size. */
  readonly outputSize: readonly (number | null)[]
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 2>

  /**
   * @param outputSize one number for all axes of the space, or a list, where null keeps a size
   * @throws ArgumentError for sizes that are not whole numbers from 1 up.
   */
  constructor(outputSize: AdaptiveSize) {
    this.outputSize = adaptiveSizeOf('AdaptiveAveragePool2d', 2, outputSize)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 2>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 2, input)
    return adaptiveAveragePool(input, this.outputSize)
  }

  toString(): string {
    return `AdaptiveAveragePool2d(${JSON.stringify(this.outputSize)})`
  }
}

/**
 * The mean of parts of volumes as equal as they can be, as many as are asked for: `[batch, channels, depth, height, width]` or
 * without the batch; the function is `adaptiveAveragePool`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AdaptiveAveragePool3d } from '@adjoint/nn'
 * new AdaptiveAveragePool3d(1).forward(tensor([[[[[1, 5], [3, 7]], [[1, 5], [3, 7]]]]])).toArray() // => [[[[[4]]]]]
 * ```
 */
export class AdaptiveAveragePool3d {
  /** One number for each axis of the space; null keeps a size. */
  readonly outputSize: readonly (number | null)[]
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 3>

  /**
   * @param outputSize one number for all axes of the space, or a list, where null keeps a size
   * @throws ArgumentError for sizes that are not whole numbers from 1 up.
   */
  constructor(outputSize: AdaptiveSize) {
    this.outputSize = adaptiveSizeOf('AdaptiveAveragePool3d', 3, outputSize)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 3>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 3, input)
    return adaptiveAveragePool(input, this.outputSize)
  }

  toString(): string {
    return `AdaptiveAveragePool3d(${JSON.stringify(this.outputSize)})`
  }
}
