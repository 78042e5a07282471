import { pick } from '../ops/pick.ts'
import { reshape } from '../ops/reshape.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { formatShape } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Elements of `x` at int32 indices of any shape. Along an axis, `[...a, n, ...c]` and indices `[...i]` give
 * `[...a, ...i, ...c]`; without an axis the indices count the elements in row-major order, and the result has their
 * shape. Negative indices count from the end. The cotangent of an element is the sum over all its copies, added in
 * row-major order.
 *
 * @example
 * ```ts
 * import { take, tensor } from '@adjoint/core'
 * const x = tensor([[1, 2, 3], [4, 5, 6]])
 * const indices = tensor([2, 0, -1], { dtype: 'int32' })
 * take(x, indices, 1).toArray() // => [[3, 1, 3], [6, 4, 6]]
 * take(x, indices).toArray() // => [3, 1, 6]
 * ```
 * @throws ArgumentError for an index out of range; DTypeError for indices that are not int32; AxisError for a wrong axis.
 */
export function take(x: Tensor, indices: Tensor, axis?: number): Tensor {
  const { shape, size, rank } = expectTensor('take', x)
  if (axis === undefined) {
    const positions = wrapIndices(indices, {
      size,
      caller: 'take',
      of: `the elements of ${formatShape(shape)}`,
    })
    return pick(reshape(x, [size]), positions)
  }
  return takeAlong('take', x, indices, normalizeAxis('take', axis, rank))
}

/** {@link take} along an axis that is checked already, in the name of another function. */
export function takeAlong(op: string, x: Tensor, indices: Tensor, axis: number, wrap = true): Tensor {
  const bounds = { size: x.shape[axis]!, caller: op, of: { axis, shape: x.shape }, wrap }
  return pick(x, wrapIndices(indices, bounds), axis)
}
