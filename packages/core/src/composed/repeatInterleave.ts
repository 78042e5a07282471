import { expand } from '../ops/expand.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor, tensor } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { indexSelect } from './indexSelect.ts'

/**
 * Every element, or every slice along an axis, several times in a row. One number repeats all of them as often; a list, or
 * a tensor with one axis, says how often for each. Without `axis` the elements are taken in row-major order.
 *
 * @example
 * ```ts
 * import { repeatInterleave, tensor } from '@adjoint/core'
 * repeatInterleave(tensor([1, 2]), 2).toArray() // => [1, 1, 2, 2]
 * repeatInterleave(tensor([[1, 2], [3, 4]]), [0, 2], 0).toArray() // => [[3, 4], [3, 4]]
 * ```
 * @throws ArgumentError when there is not one whole number from 0 up for all, or one for each; AxisError for a wrong axis.
 */
export function repeatInterleave(
  x: Tensor,
  repeats: number | readonly number[] | Tensor,
  axis?: number,
): Tensor {
  const { shape, rank, size } = expectTensor('repeatInterleave', x)
  if (axis === undefined) return repeatInterleave(reshape(x, [size]), repeats, 0)
  const along = normalizeAxis('repeatInterleave', axis, rank)
  const length = shape[along]!
  const counts =
    repeats instanceof Tensor ? Array.from(repeats.data()) : typeof repeats === 'number' ? [repeats] : repeats
  const fits =
    Array.isArray(counts) &&
    (counts.length === 1 || counts.length === length) &&
    counts.every(count => Number.isInteger(count) && count >= 0)
  if (!fits) {
    throw new ArgumentError(
      'repeatInterleave',
      `needs one whole number from 0 up, or one for each of ${length} along axis ${along} of ${formatShape(shape)}; got ${JSON.stringify(counts)}.`,
    )
  }
  if (counts.length === 1) {
    // A new axis behind the repeated one: [n, c] read in order is every element c times.
    const [before, after] = [shape.slice(0, along + 1), shape.slice(along + 1)]
    const wide = expand(reshape(x, [...before, 1, ...after]), [...before, counts[0]!, ...after])
    return reshape(
      wide,
      shape.map((n, k) => (k === along ? n * counts[0]! : n)),
    )
  }
  const picks = (counts as readonly number[]).flatMap((count, i) => new Array<number>(count).fill(i))
  return indexSelect(x, along, tensor(picks, { dtype: 'int32', shape: [picks.length] }))
}
