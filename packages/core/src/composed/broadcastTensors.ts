import { expand } from '../ops/expand.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * All tensors in their common shape, as views.
 *
 * @example
 * ```ts
 * import { broadcastTensors, ones } from '@adjoint/core'
 * broadcastTensors(ones([3, 1]), ones([4])).map(x => x.shape) // => [[3, 4], [3, 4]]
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export function broadcastTensors(...tensors: readonly Tensor[]): Tensor[] {
  const shape = tensors.reduce<readonly number[]>(
    (common, x) => broadcastShapes('broadcastTensors', common, expectTensor('broadcastTensors', x).shape),
    [],
  )
  return tensors.map(x => expand(x, shape) as Tensor)
}
