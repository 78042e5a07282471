import {
  type AdaptiveSize,
  adaptiveMaxPool,
  adaptiveMaxPoolWithIndices,
  type Selection,
  type Shape,
  type Tensor,
} from '@adjoint/core/functional'
import { adaptiveSizeOf } from '../module/adaptiveSize.ts'
import type { ShapeRule } from '../module/module.ts'
import type { ResizedSpace } from '../module/shapes.ts'
import { expectSpace } from '../module/space.ts'

/**
 * The largest element of parts of signals as equal as they can be, as many as are asked for: `[batch, channels, length]` or
 * without the batch; the function is `adaptiveMaxPool`. Of equal largest elements the first one gets the
 * gradient.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AdaptiveMaxPool1d } from '@adjoint/nn'
 * new AdaptiveMaxPool1d(2).forward(tensor([[[1, 2, 3, 4, 5]]])).toArray() // => [[[3, 5]]]
 * ```
 */
export class AdaptiveMaxPool1d {
  /** One number for each axis of the space; null keeps a size. */
  readonly outputSize: readonly (number | null)[]
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 1>

  /**
   * @param outputSize one number for all axes of the space, or a list, where null keeps a size
   * @throws ArgumentError for sizes that are not whole numbers from 1 up.
   */
  constructor(outputSize: AdaptiveSize) {
    this.outputSize = adaptiveSizeOf('AdaptiveMaxPool1d', 1, outputSize)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 1>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 1, input)
    return adaptiveMaxPool(input, this.outputSize)
  }

  /** The largest elements, and where in the plane of their channel they were. */
  forwardWithIndices(input: Tensor): Selection {
    expectSpace(String(this), 1, input)
    return adaptiveMaxPoolWithIndices(input, this.outputSize)
  }

  toString(): string {
    return `AdaptiveMaxPool1d(${JSON.stringify(this.outputSize)})`
  }
}

/**
 * The largest element of parts of images as equal as they can be, as many as are asked for: `[batch, channels, height, width]` or
 * without the batch; the function is `adaptiveMaxPool`. Of equal largest elements the first one gets the
 * gradient.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AdaptiveMaxPool2d } from '@adjoint/nn'
 * new AdaptiveMaxPool2d(1).forward(tensor([[[[1, 5], [3, 7]]]])).toArray() // => [[[[7]]]]
 * ```
 */
export class AdaptiveMaxPool2d {
  /** One number for each axis of the space; null keeps a size. */
  readonly outputSize: readonly (number | null)[]
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 2>

  /**
   * @param outputSize one number for all axes of the space, or a list, where null keeps a size
   * @throws ArgumentError for sizes that are not whole numbers from 1 up.
   */
  constructor(outputSize: AdaptiveSize) {
    this.outputSize = adaptiveSizeOf('AdaptiveMaxPool2d', 2, outputSize)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 2>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 2, input)
    return adaptiveMaxPool(input, this.outputSize)
  }

  /** The largest elements, and where in the plane of their channel they were. */
  forwardWithIndices(input: Tensor): Selection {
    expectSpace(String(this), 2, input)
    return adaptiveMaxPoolWithIndices(input, this.outputSize)
  }

  toString(): string {
    return `AdaptiveMaxPool2d(${JSON.stringify(this.outputSize)})`
  }
}

/**
 * The largest element of parts of volumes as equal as they can be, as many as are asked for: `[batch, channels, depth, height, width]` or
 * without the batch; the function is `adaptiveMaxPool`. Of equal largest elements the first one gets the
 * gradient.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { AdaptiveMaxPool3d } from '@adjoint/nn'
 * new AdaptiveMaxPool3d(1).forward(tensor([[[[[1, 5], [3, 7]], [[1, 5], [3, 7]]]]])).toArray() // => [[[[[7]]]]]
 * ```
 */
export class AdaptiveMaxPool3d {
  /** One number for each axis of the space; null keeps a size. */
  readonly outputSize: readonly (number | null)[]
  /** Never set: the types of {@link forward}, for a chain that this is a layer of. */
  declare readonly typedAs?: ShapeRule<'resizesSpace', 3>

  /**
   * @param outputSize one number for all axes of the space, or a list, where null keeps a size
   * @throws ArgumentError for sizes that are not whole numbers from 1 up.
   */
  constructor(outputSize: AdaptiveSize) {
    this.outputSize = adaptiveSizeOf('AdaptiveMaxPool3d', 3, outputSize)
  }

  /** @throws ShapeError for another rank. */
  forward<S extends Shape>(input: Tensor<S>): Tensor<ResizedSpace<S, 3>>
  forward(input: Tensor): Tensor {
    expectSpace(String(this), 3, input)
    return adaptiveMaxPool(input, this.outputSize)
  }

  /** The largest elements, and where in the plane of their channel they were. */
  forwardWithIndices(input: Tensor): Selection {
    expectSpace(String(this), 3, input)
    return adaptiveMaxPoolWithIndices(input, this.outputSize)
  }

  toString(): string {
    return `AdaptiveMaxPool3d(${JSON.stringify(this.outputSize)})`
  }
}
