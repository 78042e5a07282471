import { reshape } from '../ops/reshape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** All elements along one axis, in row-major order. */
export function flatten(x: Tensor): Tensor<[number]> {
  return reshape(x, [expectTensor('flatten', x).size])
}
