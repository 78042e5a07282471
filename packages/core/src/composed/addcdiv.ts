import { add } from '../ops/add.ts'
import { div } from '../ops/div.ts'
import { mul } from '../ops/mul.ts'
import { expectOptions } from '../shape/arguments.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { expectNumber, expectTensor, toTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link addcdiv}. */
export interface AddcdivOptions {
  /** Factor of the quotient. Default 1. */
  readonly value?: number
}

/**
 * x + value a / b, broadcast: a step of an optimizer, for instance.
 *
 * @example
 * ```ts
 * import { addcdiv, tensor } from '@adjoint/core'
 * addcdiv(tensor([1, 1]), tensor([3, 10]), tensor([3, 5])).toArray() // => [2, 3]
 * ```
 * @throws ShapeError when the shapes do not broadcast; ArgumentError when `value` is no finite number.
 */
export function addcdiv(x: Tensor, a: Tensor, b: Tensor | number, options: AddcdivOptions = {}): Tensor {
  expectOptions('addcdiv', options, ['value'])
  const { value = 1 } = options
  const factor = expectNumber('addcdiv', 'value', value)
  for (const operand of [x, a]) expectTensor('addcdiv', operand)
  const factors = [a, toTensor('addcdiv', b, a.dtype)] as const
  broadcastShapes('addcdiv', x.shape, broadcastShapes('addcdiv', a.shape, factors[1].shape))
  const term = div(...factors)
  return add(x, factor === 1 ? term : mul(term, factor))
}
