import { mul } from '../ops/mul.ts'
import { reshape } from '../ops/reshape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Every element of one vector times every element of another, `[m] × [n] -> [m, n]`. Tensors of another rank are flattened
 * first.
 *
 * @example
 * ```ts
 * import { outer, tensor } from '@adjoint/core'
 * outer(tensor([1, 2]), tensor([1, 10])).toArray() // => [[1, 10], [2, 20]]
 * ```
 */
export function outer<M extends number, N extends number>(
  x: Tensor<readonly [M]>,
  y: Tensor<readonly [N]>,
): Tensor<[M, N]>
export function outer(x: Tensor, y: Tensor): Tensor<[number, number]>
export function outer(x: Tensor, y: Tensor): Tensor<[number, number]> {
  const column = reshape(expectTensor('outer', x), [x.size, 1])
  const row = reshape(expectTensor('outer', y), [1, y.size])
  return mul(column as Tensor, row as Tensor) as unknown as Tensor<[number, number]>
}
