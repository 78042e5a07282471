import { reshape } from '../ops/reshape.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { partsOf } from './split.ts'

/**
 * The slices along an axis one by one, as views without that axis: the inverse of `stack`.
 *
 * @example
 * ```ts
 * import { tensor, unbind } from '@adjoint/core'
 * const [first, second] = unbind(tensor([[1, 2], [3, 4]]))
 * second?.toArray() // => [3, 4]
 * first?.shape // => [2]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export function unbind(x: Tensor, axis = 0): Tensor[] {
  const along = normalizeAxis('unbind', axis, expectTensor('unbind', x).rank)
  const rest = x.shape.filter((_, k) => k !== along)
  return partsOf(x, along, new Array<number>(x.shape[along]!).fill(1)).map(part => reshape(part, rest))
}
