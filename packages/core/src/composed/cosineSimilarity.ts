import { mul } from '../ops/mul.ts'
import { sum } from '../ops/sum.ts'
import type { ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { normalize } from './normalize.ts'

/** Settings of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions extends ReductionOptions {
  /** The axis of the vectors. Default: the last one. */
  readonly axis?: number
  /** Vectors shorter than this count as being of this length. Default 1e-8. */
  readonly epsilon?: number
}

/**
 * The cosine of the angle between vectors, Σ x y / (‖x‖ ‖y‖), along an axis; shapes broadcast. Each vector is divided by its
 * norm first, so that no product overflows.
 *
 * Kink policy: 0 where a vector is 0; with respect to that vector the derivative is the other one's direction over epsilon.
 *
 * @example
 * ```ts
 * import { cosineSimilarity, tensor } from '@adjoint/core'
 * cosineSimilarity(tensor([[1, 0], [1, 1]]), tensor([0, 2])).toArray() // => [0, 0.7071]
 * ```
 * @throws ShapeError when the shapes do not broadcast.
 */
export function cosineSimilarity(x: Tensor, y: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  expectOptions('cosineSimilarity', options, ['axis', 'epsilon', 'keepDims'])
  const { axis = -1, epsilon = 1e-8, keepDims = false } = options
  broadcastShapes(
    'cosineSimilarity',
    expectTensor('cosineSimilarity', x).shape,
    expectTensor('cosineSimilarity', y).shape,
  )
  const [left, right] = [x, y].map(vectors => normalize(vectors, { axis, epsilon }))
  return sum(mul(left!, right!), axis, { keepDims })
}
