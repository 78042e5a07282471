import { neg } from '../ops/neg.ts'
import { softmax } from '../ops/softmax.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * softmax(-x): the share of the smallest is the largest. Along one axis, the last one by default.
 *
 * @example
 * ```ts
 * import { softmin, tensor } from '@adjoint/core'
 * softmin(tensor([1000, 1000])).toArray() // => [0.5, 0.5]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const softmin: AlongAxisOp = <S extends Shape>(x: Tensor<S>, axis = -1): Tensor<S> => {
  lineAxes('softmin', axis, expectTensor('softmin', x).rank)
  return softmax(neg(x), axis)
}
