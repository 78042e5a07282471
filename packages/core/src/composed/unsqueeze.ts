import { reshape } from '../ops/reshape.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Shape, Unsqueezed } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * With a new axis of size 1 at a position: `[2, 3]` at 1 `-> [2, 1, 3]`, at -1 `-> [2, 3, 1]`.
 *
 * @example
 * ```ts
 * import { unsqueeze, zeros } from '@adjoint/core'
 * unsqueeze(zeros([2, 3]), 1).shape // => [2, 1, 3]
 * unsqueeze(zeros([2, 3]), -1).shape // => [2, 3, 1]
 * ```
 * @throws AxisError when the position is outside of the new rank.
 */
export function unsqueeze<S extends Shape, const Axis extends number>(
  x: Tensor<S>,
  axis: Axis,
): Tensor<Unsqueezed<S, Axis>> {
  const at = normalizeAxis('unsqueeze', axis, expectTensor('unsqueeze', x).rank + 1)
  const shape: readonly number[] = [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]
  return reshape(x, shape) as unknown as Tensor<Unsqueezed<S, Axis>>
}
