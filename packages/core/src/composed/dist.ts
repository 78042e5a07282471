import { norm } from '../ops/norm.ts'
import { sub } from '../ops/sub.ts'
import { expectOptions } from '../shape/arguments.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { DistanceOptions } from './cdist.ts'

/**
 * The norm of the difference of two tensors, ‖x - y‖ over all elements; shapes broadcast.
 *
 * Kink policy: the gradient is 0 where they are equal.
 *
 * @example
 * ```ts
 * import { dist, tensor } from '@adjoint/core'
 * dist(tensor([1, 5]), tensor([4, 1])).item() // => 5
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export function dist(x: Tensor, y: Tensor, options: DistanceOptions = {}): Tensor<[]> {
  expectOptions('dist', options, ['order'])
  broadcastShapes('dist', expectTensor('dist', x).shape, expectTensor('dist', y).shape)
  return norm(sub(x, y), undefined, options)
}
