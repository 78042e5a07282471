import { polygamma } from '../ops/polygamma.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The digamma function ψ(x) = Γ'(x) / Γ(x), the derivative of `lgamma`: `polygamma` of order 0. `d ψ = polygamma(x, 1) dx`
 *
 * By the recurrence and the asymptotic series (Abramowitz and Stegun 6.3.5 and 6.3.18), and next to its zero at
 * 1.46163 by the Taylor series there. -infinity at 0, infinity at -0, NaN at -1, -2, ...
 *
 * @example
 * ```ts
 * import { digamma, tensor } from '@adjoint/core'
 * digamma(tensor([1], { dtype: 'float64' })).toArray() // => [-0.5772156649015329]
 * ```
 */
export function digamma<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return polygamma(expectTensor('digamma', x) as Tensor<S>, 0)
}
