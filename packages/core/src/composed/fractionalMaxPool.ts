import type { PerAxis } from '../shape/perAxis.ts'
import type { Rng } from '../tensor/rng.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { fractionalMaxPoolWithIndices } from './fractionalMaxPoolWithIndices.ts'

/** Settings of {@link fractionalMaxPool}. */
export interface FractionalMaxPoolOptions {
  /** Size of a window. */
  readonly kernel: PerAxis
  /** Number of windows. Either this or `outputRatio`. */
  readonly outputSize?: PerAxis
  /** Number of windows as a part of the size, between 0 and 1. */
  readonly outputRatio?: number | readonly number[]
  /** Where the places of the windows are drawn from. */
  readonly rng?: Rng
  /** The drawn numbers themselves, in [0, 1): one for each plane and axis, `[batch, channels, axes of space]`. */
  readonly samples?: Tensor
}

/**
 * The largest element of windows whose distances vary at random around a fraction, so that sizes need not shrink by whole
 * factors: `[batch, channels, ...space] -> [batch, channels, ...outputSize]`. Window i begins at ⌊(i + u) α⌋ - ⌊u α⌋ with
 * α = (size - kernel) / (windows - 1) and u drawn for each channel; the last one ends with the axis.
 * Source: Graham, Fractional Max-Pooling, 2014.
 *
 * Kink policy: of equal largest elements the first one gets the cotangent.
 *
 * @example
 * ```ts
 * import { fractionalMaxPool, Rng, zeros } from '@adjoint/core'
 * const images = zeros([2, 3, 10, 10])
 * fractionalMaxPool(images, { kernel: 2, outputRatio: 0.7, rng: new Rng(0) }).shape // => [2, 3, 7, 7]
 * ```
 * @throws ShapeError when the windows do not fit; ArgumentError for settings that are missing or not right.
 */
export function fractionalMaxPool(x: Tensor, options: FractionalMaxPoolOptions): Tensor {
  return fractionalMaxPoolWithIndices(x, options).values
}
