import { overwrite } from '../ops/overwrite.ts'
import { reshape } from '../ops/reshape.ts'
import { operands } from '../primitive/elementwise.ts'
import type { Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { expectScatterIndices, expectSource, positionsAlong, scatterAxis } from './scatterPositions.ts'

/**
 * A copy of `x` with elements replaced: `out[indices[i][j]][j] = source[i][j]` for axis 0. The indices have the rank of
 * `x` and at most its sizes on the other axes; the source has their shape, or is a number. Negative indices count from
 * the end. Where several elements go to one place, the last one in row-major order stays.
 *
 * An element that was replaced, in `x` or by a later one of the source, gets gradient 0.
 *
 * @example
 * ```ts
 * import { scatter, tensor, zeros } from '@adjoint/core'
 * const indices = tensor([[1, 0], [2, 2]], { dtype: 'int32' })
 * scatter(zeros([2, 3]), 1, indices, tensor([[1, 2], [3, 4]])).toArray() // => [[2, 1, 0], [0, 0, 4]]
 * ```
 * @throws ArgumentError for an index out of range; ShapeError for shapes that do not fit; DTypeError for indices that are
 * not int32.
 */
export function scatter<S extends Shape>(
  x: Tensor<S>,
  axis: number,
  indices: Tensor,
  source: Tensor | number,
): Tensor<S> {
  const at = scatterAxis('scatter', x as Tensor, axis)
  const [target, values] = operands('scatter', x as Tensor, source)
  expectScatterIndices('scatter', target, at, indices)
  const placed = expectSource('scatter', values, indices.shape, 'the indices')
  const positions = positionsAlong('scatter', target.shape, at, indices)
  return reshape(
    overwrite(reshape(target, [target.size]), positions, placed),
    target.shape,
  ) as unknown as Tensor<S>
}
