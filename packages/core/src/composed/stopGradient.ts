import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'

/**
 * The same values as a constant: no gradient flows through. Shares memory with `x`. `x.detach()` is the same.
 *
 * @example
 * ```ts
 * import { stopGradient, tensor } from '@adjoint/core'
 * const x = tensor(3, { requiresGrad: true })
 * x.mul(stopGradient(x)).backward()
 * x.grad?.item() // => 3
 * ```
 */
export function stopGradient<S extends Shape>(x: Tensor<S>): Tensor<S> {
  expectTensor('stopGradient', x)
  return viewOf(x, x.shape, x.strides, x.offset) as unknown as Tensor<S>
}
