import type { PerAxis } from '../shape/perAxis.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { maxPoolWithIndices } from './maxPoolWithIndices.ts'

/** Where the windows of a pooling lie. */
export interface PoolOptions {
  /** Size of a window. */
  readonly kernel: PerAxis
  /** From one window to the next. Default: the kernel, so that windows do not overlap. */
  readonly stride?: PerAxis
  /** How far windows may reach beyond each end; at most half of the kernel. Default 0. */
  readonly padding?: PerAxis
  /** Whether a last window may reach further, over what is left over. Default false: what is left over is dropped. */
  readonly ceilMode?: boolean
}

/** Settings of {@link maxPool}. */
export interface MaxPoolOptions extends PoolOptions {
  /** Distance between neighbours within a window. Default 1. */
  readonly dilation?: PerAxis
}

/**
 * The largest element of every window: `[batch, channels, ...space] -> [batch, channels, ...windows]`, with 1 to 3 axes of
 * space. Along each there are ⌊(size + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1 windows. What lies in the
 * padding is never the largest. Settings are one number for all axes of the space, or a list with one for each; with a list the
 * batch may be missing: `[channels, ...space]`. NaN when there is a NaN in the window.
 *
 * Kink policy: of equal largest elements the first one gets the cotangent, as in PyTorch; `max` shares it.
 *
 * @example
 * ```ts
 * import { maxPool, tensor } from '@adjoint/core'
 * const image = tensor([[1, 5, 2, 0], [3, 4, 8, 6]]).reshape([1, 1, 2, 4])
 * maxPool(image, { kernel: 2 }).toArray() // => [[[[5, 8]]]]
 * maxPool(image, { kernel: [1, 3], stride: 1 }).toArray() // => [[[[5, 5], [8, 8]]]]
 * ```
 * @throws ShapeError when no window fits; ArgumentError for settings that are not whole numbers, or too much padding.
 */
export function maxPool(x: Tensor, options: MaxPoolOptions): Tensor {
  return maxPoolWithIndices(x, options).values
}
