import type { AlongAxisOp } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cummaxWithIndices } from './cummaxWithIndices.ts'

/**
 * The largest element so far along an axis (the last one by default). NaN from the first NaN on.
 *
 * Kink policy: of equal elements the last one gets the cotangent, as in PyTorch.
 *
 * @example
 * ```ts
 * import { cummax, tensor } from '@adjoint/core'
 * cummax(tensor([2, 1, 3, 2])).toArray() // => [2, 2, 3, 3]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const cummax: AlongAxisOp = <S extends Shape>(x: Tensor<S>, axis = -1): Tensor<S> => {
  lineAxes('cummax', axis, expectTensor('cummax', x).rank)
  return cummaxWithIndices(x, axis).values
}
