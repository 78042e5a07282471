import { add } from '../ops/add.ts'
import { mul } from '../ops/mul.ts'
import { expectOptions } from '../shape/arguments.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { expectNumber, expectTensor, toTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link addcmul}. */
export interface AddcmulOptions {
  /** Factor of the product. Default 1. */
  readonly value?: number
}

/**
 * x + value a b, broadcast: a step of an optimizer, for instance.
 *
 * @example
 * ```ts
 * import { addcmul, tensor } from '@adjoint/core'
 * addcmul(tensor([1, 1]), tensor([2, 2]), tensor([3, 5])).toArray() // => [7, 11]
 * ```
 * @throws ShapeError when the shapes do not broadcast; ArgumentError when `value` is no finite number.
 */
export function addcmul(x: Tensor, a: Tensor, b: Tensor | number, options: AddcmulOptions = {}): Tensor {
  expectOptions('addcmul', options, ['value'])
  const { value = 1 } = options
  const factor = expectNumber('addcmul', 'value', value)
  for (const operand of [x, a]) expectTensor('addcmul', operand)
  const factors = [a, toTensor('addcmul', b, a.dtype)] as const
  broadcastShapes('addcmul', x.shape, broadcastShapes('addcmul', a.shape, factors[1].shape))
  const term = mul(...factors)
  return add(x, factor === 1 ? term : mul(term, factor))
}
