import { maxPoolIndices } from '../ops/maxPoolIndices.ts'
import type { Selection } from '../primitive/signatures.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { AdaptiveSize } from './adaptiveAveragePool.ts'
import { adaptiveSizes, pickInPlanes } from './poolWindows.ts'

/**
 * {@link adaptiveMaxPool} and where each of the values was: int32 positions that count through the plane of one channel.
 *
 * @example
 * ```ts
 * import { adaptiveMaxPoolWithIndices, tensor } from '@adjoint/core'
 * adaptiveMaxPoolWithIndices(tensor([[[1, 9, 3, 4, 5]]]), 2).indices.toArray() // => [[[1, 4]]]
 * ```
 * @throws ShapeError for tensors without elements to pool; ArgumentError for sizes that are not whole numbers from 1 up.
 */
export function adaptiveMaxPoolWithIndices(x: Tensor, outputSize: AdaptiveSize): Selection {
  const sizes = adaptiveSizes('adaptiveMaxPool', x, outputSize)
  const indices = maxPoolIndices(
    x,
    sizes.map(outputs => ({ kind: 'adaptive', outputs })),
  )
  return { values: pickInPlanes(x, indices, sizes.length), indices }
}
