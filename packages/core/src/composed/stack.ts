import { concat } from '../ops/concat.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis, sameShape } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { unsqueeze } from './unsqueeze.ts'

/**
 * Tensors of one shape side by side along a new axis.
 *
 * @example
 * ```ts
 * import { stack, tensor } from '@adjoint/core'
 * stack([tensor([1, 2]), tensor([3, 4])], 1).toArray() // => [[1, 3], [2, 4]]
 * ```
 * @throws ShapeError when the shapes differ; ArgumentError for no tensors.
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  if (!Array.isArray(tensors))
    throw new ArgumentError('stack', 'takes an array of tensors: stack([a, b], axis).')
  const first: Tensor | undefined = tensors[0]
  if (first === undefined) throw new ArgumentError('stack', 'needs at least one tensor.')
  for (const x of tensors) {
    expectTensor('stack', x)
    if (!sameShape(x.shape, first.shape)) {
      throw new ShapeError(
        'stack',
        `all shapes must be equal, got ${formatShape(first.shape)} and ${formatShape(x.shape)}.`,
        [first.shape, x.shape],
      )
    }
  }
  const at = normalizeAxis('stack', axis, first.rank + 1)
  return concat(
    tensors.map(x => unsqueeze(x, at)),
    at,
  )
}
