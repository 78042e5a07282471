import { besselI } from '../ops/besselI.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The modified Bessel function of the first kind of order 0. `d I₀ = I₁ dx`, smooth at 0 in every order. See `besselI`. */
export function i0<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return besselI(expectTensor('i0', x) as Tensor<S>, 0)
}
