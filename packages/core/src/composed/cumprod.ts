import { cast } from '../ops/cast.ts'
import { recur } from '../ops/linearRecurrence.ts'
import { place } from '../ops/place.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { sliceAlong } from './sliceAlong.ts'

/**
 * The products of all elements so far along an axis (the last one by default). `bool` becomes int32. A linear recurrence
 * whose factors are the elements: the gradient, of any order, is exact also where elements are 0, because no rule divides.
 *
 * @example
 * ```ts
 * import { cumprod, tensor } from '@adjoint/core'
 * const x = tensor([2, 0, 3], { requiresGrad: true })
 * const y = cumprod(x)
 * y.toArray() // => [2, 0, 0]
 * y.sum().backward()
 * x.grad?.toArray() // => [1, 8, 0]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export const cumprod: AlongAxisOp = <S extends Shape>(x: Tensor<S>, axis = -1): Tensor<S> => {
  const axes = lineAxes('cumprod', axis, expectTensor('cumprod', x).rank)
  const [along] = axes
  const factors = x.dtype === 'bool' ? cast(x as Tensor, 'int32') : (x as Tensor)
  if (along === undefined || x.shape[along] === 0) return factors as Tensor<S>
  const first = sliceAlong(factors, along, 0, 1)
  const start = { starts: x.shape.map(() => 0), sizes: first.shape, steps: x.shape.map(() => 1) }
  return recur(factors, place(first, x.shape as readonly number[], start), axes, false) as Tensor<S>
}
