import { sortingScratch, sortPositions } from '../backend/sorting.ts'
import { gather } from '../ops/gather.ts'
import { reshape } from '../ops/reshape.ts'
import { expectTensor, tensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What {@link uniqueWithCounts} returns. */
export interface UniqueElements {
  /** The different elements, ascending. */
  readonly values: Tensor<[number]>
  /** Where each of them occurs first, in row-major order. */
  readonly indices: Tensor<[number]>
  /** For each element of the input, in its shape, which of the values it is. */
  readonly inverse: Tensor
  /** How often each of them occurs. */
  readonly counts: Tensor<[number]>
}

/**
 * The different elements of a tensor in ascending order, with their first positions, their counts, and the way back:
 * `gather(values, 0, inverse)` is the input. Positions and counts are int32. No NaN equals another one, and -0 is 0.
 *
 * The first occurrence of each value gets its cotangent. The number of results depends on values, so this cannot be traced
 * without them.
 *
 * @example
 * ```ts
 * import { tensor, uniqueWithCounts } from '@adjoint/core'
 * const { values, counts, inverse } = uniqueWithCounts(tensor([3, 1, 3]))
 * values.toArray() // => [1, 3]
 * counts.toArray() // => [1, 2]
 * inverse.toArray() // => [1, 0, 1]
 * ```
 */
export function uniqueWithCounts(x: Tensor): UniqueElements {
  const data = expectTensor('uniqueWithCounts', x).data()
  const length = data.length
  const order = new Int32Array(length)
  sortPositions(length, data, 0, 1, order, 0, 1, false, sortingScratch(length))
  const inverse = new Int32Array(length)
  const [firsts, counts]: [number[], number[]] = [[], []]
  for (let i = 0; i < length; i++) {
    const at = order[i]!
    // Sorting is stable: the first of a run of equals is the first in the tensor too.
    if (i === 0 || data[at] !== data[order[i - 1]!]) {
      firsts.push(at)
      counts.push(0)
    }
    counts[counts.length - 1]!++
    inverse[at] = firsts.length - 1
  }
  const indices = int32(firsts)
  return {
    values: gather(reshape(x, [length]), 0, indices),
    indices,
    inverse: tensor(inverse, { shape: x.shape as readonly number[] }),
    counts: int32(counts),
  }
}

function int32(numbers: readonly number[]): Tensor<[number]> {
  return tensor(Int32Array.from(numbers))
}
