import { reshape } from '../ops/reshape.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * With a new axis of size 1 at a position: `[2, 3]` at 1 `-> [2, 1, 3]`, at -1 `-> [2, 3, 1]`.
 *
 * @throws AxisError when the position is outside of the new rank.
 */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  const at = normalizeAxis('unsqueeze', axis, expectTensor('unsqueeze', x).rank + 1)
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)])
}
