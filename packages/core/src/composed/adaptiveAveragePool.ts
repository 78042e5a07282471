import { resample } from '../ops/resample.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { adaptiveSizes } from './poolWindows.ts'

/** Sizes that an adaptive pooling gives: one number for all axes of the space, or one for each; `null` keeps a size. */
export type AdaptiveSize = number | readonly (number | null)[]

/**
 * The means of parts as equal as they can be, as many as are asked for: `[batch, channels, ...space] -> [batch, channels,
 * ...outputSize]`. Part i goes from ⌊i size/parts⌋ up to ⌈(i + 1) size/parts⌉; parts overlap where the size is no multiple.
 * `outputSize` is one number for all axes of the space, or a list, where `null` keeps a size; with a list the batch may be
 * missing. Size 1 is global average pooling.
 *
 * @example
 * ```ts
 * import { adaptiveAveragePool, tensor } from '@adjoint/core'
 * adaptiveAveragePool(tensor([[[1, 2, 3, 4, 5]]]), 2).toArray() // => [[[2, 4]]]
 * adaptiveAveragePool(tensor([[[1, 3], [5, 7]]]), [null, 1]).toArray() // => [[[2], [6]]]
 * ```
 * @throws ShapeError for tensors without elements to pool; ArgumentError for sizes that are not whole numbers from 1 up.
 */
export function adaptiveAveragePool(x: Tensor, outputSize: AdaptiveSize): Tensor {
  const sizes = adaptiveSizes('adaptiveAveragePool', x, outputSize)
  const space = x.shape.slice(-sizes.length)
  return resample(
    x,
    sizes.map((outputs, k) => ({ kind: 'adaptive', size: space[k]!, outputs })),
  )
}
