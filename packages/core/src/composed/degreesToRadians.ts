import { mul } from '../ops/mul.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** An angle in degrees as one in radians: x times π/180. int32 and bool become float32. */
export function degreesToRadians<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return mul(expectTensor('degreesToRadians', x) as Tensor<S>, Math.PI / 180)
}
