import { add } from '../ops/add.ts'
import { norm } from '../ops/norm.ts'
import { sub } from '../ops/sub.ts'
import type { ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link pairwiseDistance}. */
export interface PairwiseDistanceOptions extends ReductionOptions {
  /** The p of the norm. Default 2. */
  readonly order?: number
  /** Added to every difference. Default 0; PyTorch adds 1e-6 to keep away from the kink, which is not needed here. */
  readonly epsilon?: number
}

/**
 * The distance between each vector of `x` and the one in the same place of `y`, ‖x - y + epsilon‖ along the last axis; shapes
 * broadcast. `cdist` compares each with each.
 *
 * Kink policy: the gradient is 0 where the points coincide.
 *
 * @example
 * ```ts
 * import { pairwiseDistance, tensor } from '@adjoint/core'
 * pairwiseDistance(tensor([[0, 0], [1, 1]]), tensor([[3, 4], [1, 1]])).toArray() // => [5, 0]
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export function pairwiseDistance(x: Tensor, y: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  expectOptions('pairwiseDistance', options, ['order', 'epsilon', 'keepDims'])
  const { order = 2, epsilon = 0, keepDims = false } = options
  broadcastShapes(
    'pairwiseDistance',
    expectTensor('pairwiseDistance', x).shape,
    expectTensor('pairwiseDistance', y).shape,
  )
  const apart = sub(x, y)
  const moved = expectNumber('pairwiseDistance', 'epsilon', epsilon) === 0 ? apart : add(apart, epsilon)
  return norm(moved, -1, { order, keepDims })
}
