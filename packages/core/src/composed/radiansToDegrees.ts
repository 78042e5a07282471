import { mul } from '../ops/mul.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** An angle in radians as one in degrees: x times 180/π. int32 and bool become float32. */
export function radiansToDegrees<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return mul(expectTensor('radiansToDegrees', x) as Tensor<S>, 180 / Math.PI)
}
