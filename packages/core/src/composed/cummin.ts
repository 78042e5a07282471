import type { AlongAxisOp } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cumminWithIndices } from './cumminWithIndices.ts'

/**
 * The smallest element so far along an axis (the last one by default). NaN from the first NaN on.
 *
 * Kink policy: of equal elements the last one gets the cotangent, as in PyTorch.
 *
 * @example
 * ```ts
 * import { cummin, tensor } from '@adjoint/core'
 * cummin(tensor([2, 1, 3, 2])).toArray() // => [2, 1, 1, 1]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const cummin: AlongAxisOp = <S extends Shape>(x: Tensor<S>, axis = -1): Tensor<S> => {
  lineAxes('cummin', axis, expectTensor('cummin', x).rank)
  return cumminWithIndices(x, axis).values
}
