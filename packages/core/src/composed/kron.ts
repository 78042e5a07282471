import { mul } from '../ops/mul.ts'
import { reshape } from '../ops/reshape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The Kronecker product: every element of `x` times the whole of `y`, as blocks. `[a, b] × [c, d] -> [a c, b d]`, and so for any
 * rank; the operand of lower rank gets axes of size 1 in front.
 *
 * @example
 * ```ts
 * import { kron, tensor } from '@adjoint/core'
 * kron(tensor([[1, 10]]), tensor([[1, 2], [3, 4]])).toArray() // => [[1, 2, 10, 20], [3, 4, 30, 40]]
 * ```
 */
export function kron(x: Tensor, y: Tensor): Tensor {
  const rank = Math.max(expectTensor('kron', x).rank, expectTensor('kron', y).rank)
  const sizes = (t: Tensor): readonly number[] => [
    ...new Array<number>(rank - t.rank).fill(1),
    ...(t.shape as readonly number[]),
  ]
  const [left, right] = [sizes(x), sizes(y)]
  const blocks = mul(
    reshape(
      x,
      left.flatMap(size => [size, 1]),
    ) as Tensor,
    reshape(
      y,
      right.flatMap(size => [1, size]),
    ) as Tensor,
  )
  return reshape(
    blocks,
    left.map((size, axis) => size * right[axis]!),
  )
}
