import { cumargmin } from '../ops/cumargmin.ts'
import { gather } from '../ops/gather.ts'
import type { Selection } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The smallest element so far along an axis (the last one by default), together with its position; of equal elements the last
 * one, as in PyTorch, which also gets the cotangent. NaN from the first NaN on.
 *
 * @example
 * ```ts
 * import { cumminWithIndices, tensor } from '@adjoint/core'
 * cumminWithIndices(tensor([2, 1, 3, 2])).indices.toArray() // => [0, 1, 1, 1]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export function cumminWithIndices<S extends Shape>(x: Tensor<S>, axis = -1): Selection<S> {
  lineAxes('cumminWithIndices', axis, expectTensor('cumminWithIndices', x).rank)
  const indices = cumargmin(x, axis)
  return { values: x.rank === 0 ? x : gather(x, axis, indices), indices }
}
