import { expand } from '../ops/expand.ts'
import { mul } from '../ops/mul.ts'
import { sum } from '../ops/sum.ts'
import type { ReductionOptions } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { lineAxes } from '../shape/shape.ts'
import { expectNumber, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { normalize } from './normalize.ts'

/** Settings of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions extends ReductionOptions {
  /** Vectors shorter than this count as being of this length. Default 1e-8. */
  readonly epsilon?: number
}

/**
 * The cosine of the angle between vectors, Σ x y / (‖x‖ ‖y‖), along an axis (the last one by default); shapes broadcast. Each vector is divided by its
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
export function cosineSimilarity(
  x: Tensor,
  y: Tensor,
  axis = -1,
  options: CosineSimilarityOptions = {},
): Tensor {
  expectOptions('cosineSimilarity', options, ['epsilon', 'keepDims'])
  const { epsilon = 1e-8, keepDims = false } = options
  expectNumber('cosineSimilarity', 'epsilon', epsilon)
  const shape = broadcastShapes(
    'cosineSimilarity',
    expectTensor('cosineSimilarity', x).shape,
    expectTensor('cosineSimilarity', y).shape,
  )
  const axes = lineAxes('cosineSimilarity', axis, shape.length)
  const unit = (operand: Tensor): Tensor => normalize(withAxis(operand, shape, axes), axes, { epsilon })
  return sum(mul(unit(x), unit(y)), axes, { keepDims })
}

/** The operand with the rank of the result and the whole of an axis; what is broadcast elsewhere has one norm for all. */
function withAxis(x: Tensor, shape: readonly number[], axes: readonly number[]): Tensor {
  const missing = shape.length - x.rank
  return expand(
    x,
    shape.map((size, k) => (axes.includes(k) ? size : (x.shape[k - missing] ?? 1))),
  )
}
