import type { Tensor } from '../tensor/tensor.ts'
import { uniqueWithCounts } from './uniqueWithCounts.ts'

/**
 * The different elements of a tensor in ascending order. No NaN equals another one, and -0 is 0. The first occurrence of
 * each value gets its cotangent. The number of results depends on values, so this cannot be traced without them.
 *
 * @example
 * ```ts
 * import { tensor, unique } from '@adjoint/core'
 * unique(tensor([[3, 1], [3, 2]])).toArray() // => [1, 2, 3]
 * ```
 */
export function unique(x: Tensor): Tensor<[number]> {
  return uniqueWithCounts(x).values
}
