import type { Tensor } from '../tensor/tensor.ts'
import type { AdaptiveSize } from './adaptiveAveragePool.ts'
import { adaptiveMaxPoolWithIndices } from './adaptiveMaxPoolWithIndices.ts'

/**
 * The largest element of parts as equal as they can be, as many as are asked for: `[batch, channels, ...space] -> [batch,
 * channels, ...outputSize]`, the parts of `adaptiveAveragePool`. Size 1 is global max pooling.
 *
 * Kink policy: of equal largest elements the first one gets the cotangent.
 *
 * @example
 * ```ts
 * import { adaptiveMaxPool, tensor } from '@adjoint/core'
 * adaptiveMaxPool(tensor([[[1, 9, 3, 4, 5]]]), 2).toArray() // => [[[9, 5]]]
 * ```
 * @throws ShapeError for tensors without elements to pool; ArgumentError for sizes that are not whole numbers from 1 up.
 */
export function adaptiveMaxPool(x: Tensor, outputSize: AdaptiveSize): Tensor {
  return adaptiveMaxPoolWithIndices(x, outputSize).values
}
