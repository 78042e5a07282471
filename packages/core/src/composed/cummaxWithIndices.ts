import { cumargmax } from '../ops/cumargmax.ts'
import { gather } from '../ops/gather.ts'
import type { Selection } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The largest element so far along an axis (the last one by default), together with its position; of equal elements the last
 * one, as in PyTorch, which also gets the cotangent. NaN from the first NaN on.
 *
 * @example
 * ```ts
 * import { cummaxWithIndices, tensor } from '@adjoint/core'
 * cummaxWithIndices(tensor([2, 1, 3, 2])).indices.toArray() // => [0, 0, 2, 2]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export function cummaxWithIndices<S extends Shape>(x: Tensor<S>, axis = -1): Selection<S> {
  lineAxes('cummaxWithIndices', axis, expectTensor('cummaxWithIndices', x).rank)
  const indices = cumargmax(x, axis)
  return { values: x.rank === 0 ? x : gather(x, axis, indices), indices }
}
