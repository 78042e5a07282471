import { matmul } from '../ops/matmul.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The product of several matrices, in the order of multiplications that needs the fewest operations. The first may be a vector,
 * for a row, and the last one, for a column; its axis is gone from the result.
 *
 * @example
 * ```ts
 * import { multiDot, ones } from '@adjoint/core'
 * multiDot([ones([10, 100]), ones([100, 5]), ones([5, 50])]).shape // => [10, 50]
 * ```
 * @throws ArgumentError for no tensors; ShapeError when the sizes of neighbours differ, or a tensor in between is no matrix.
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    throw new ArgumentError('multiDot', 'takes an array of at least one tensor: multiDot([a, b, c]).')
  }
  const factors = tensors.map((x, i) => {
    const isEnd = i === 0 || i === tensors.length - 1
    if (expectTensor('multiDot', x).rank === 2) return x
    if (x.rank !== 1 || !isEnd) {
      throw new ShapeError(
        'multiDot',
        `tensor ${i} has shape ${formatShape(x.shape)}; matrices are multiplied, and vectors at the ends.`,
        [x.shape],
      )
    }
    return reshape(x, i === 0 ? [1, x.size] : [x.size, 1]) as Tensor
  })
  if (factors.length === 1) return tensors[0]!
  const sizes = [factors[0]!.shape[0]!, ...factors.map(x => x.shape[1]!)]
  for (const [i, x] of factors.entries()) {
    if (x.shape[0] === sizes[i]) continue
    const shapes = tensors.map(t => t.shape as readonly number[])
    throw new ShapeError('multiDot', `sizes do not fit: ${shapes.map(formatShape).join(' × ')}.`, shapes)
  }
  const product = multiplied(factors, splitsOf(sizes), 0, factors.length - 1)
  const [first, last] = [tensors[0]!, tensors.at(-1)!]
  return reshape(product, [
    ...(first.rank === 1 ? [] : [sizes[0]!]),
    ...(last.rank === 1 ? [] : [sizes.at(-1)!]),
  ])
}

/** Where to split the product of factors i to j, by dynamic programming over ever longer chains. */
function splitsOf(sizes: readonly number[]): number[][] {
  const count = sizes.length - 1
  const costs = Array.from({ length: count }, () => new Array<number>(count).fill(0))
  const splits = Array.from({ length: count }, () => new Array<number>(count).fill(0))
  for (let length = 2; length <= count; length++) {
    for (let i = 0, j = length - 1; j < count; i++, j++) {
      costs[i]![j] = Number.POSITIVE_INFINITY
      for (let k = i; k < j; k++) {
        const cost = costs[i]![k]! + costs[k + 1]![j]! + sizes[i]! * sizes[k + 1]! * sizes[j + 1]!
        if (cost < costs[i]![j]!) {
          costs[i]![j] = cost
          splits[i]![j] = k
        }
      }
    }
  }
  return splits
}

function multiplied(factors: readonly Tensor[], splits: number[][], i: number, j: number): Tensor {
  if (i === j) return factors[i]!
  const k = splits[i]![j]!
  return matmul(multiplied(factors, splits, i, k), multiplied(factors, splits, k + 1, j))
}
