import { AxisError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { takeAlong } from './take.ts'

/**
 * Rows of a table of weights: `[n, ...d]` and int32 indices `[...i]` give `[...i, ...d]`. The gradient of a row is the sum
 * over all places where it was looked up, added in row-major order: the same on every run.
 *
 * @example
 * ```ts
 * import { embedding, tensor } from '@adjoint/core'
 * const weights = tensor([[0, 1], [2, 3], [4, 5]], { requiresGrad: true })
 * const y = embedding(weights, tensor([2, 0, 2], { dtype: 'int32' }))
 * y.toArray() // => [[4, 5], [0, 1], [4, 5]]
 * y.sum().backward()
 * weights.grad?.toArray() // => [[1, 1], [0, 0], [2, 2]]
 * ```
 * @throws ArgumentError for an index below 0 or not below n; DTypeError for indices that are not int32.
 */
export function embedding(weights: Tensor, indices: Tensor): Tensor {
  if (expectTensor('embedding', weights).rank === 0)
    throw new AxisError(
      'embedding',
      0,
      0,
      'the weights need an axis to look up rows along, got a 0-d tensor.',
    )
  return takeAlong('embedding', weights, indices, 0, false)
}
