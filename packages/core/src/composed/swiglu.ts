import { mul } from '../ops/mul.ts'
import { silu } from '../ops/silu.ts'
import type { Resized, Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { halves } from './glu.ts'

/**
 * The gated unit of many transformers: of two halves along an axis (the last one by default) silu of the first, times the
 * second. `[..., 2n] -> [..., n]`. Source: N. Shazeer, "GLU Variants Improve Transformer", 2020.
 *
 * @example
 * ```ts
 * import { swiglu, tensor } from '@adjoint/core'
 * swiglu(tensor([0, 1000, 5, 2])).toArray() // => [0, 2000]
 * ```
 * @throws ShapeError when the axis has an odd size; AxisError when it does not exist.
 */
export function swiglu<S extends Shape>(x: Tensor<S>, axis = -1): Tensor<Resized<S>> {
  const [gates, values] = halves('swiglu', x, axis)
  return mul(silu(gates), values) as unknown as Tensor<Resized<S>>
}
