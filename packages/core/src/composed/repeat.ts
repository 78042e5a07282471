import { expand } from '../ops/expand.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { expectRoom } from '../storage/slab.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The whole tensor repeated along its axes: `counts[k]` times along axis k. More counts than axes give new axes in front.
 *
 * @example
 * ```ts
 * import { repeat, tensor } from '@adjoint/core'
 * repeat(tensor([1, 2]), [2]).toArray() // => [1, 2, 1, 2]
 * repeat(tensor([1, 2]), [2, 1]).toArray() // => [[1, 2], [1, 2]]
 * ```
 * @throws ArgumentError for fewer counts than axes (`tile` fills them up), or a count that is not a whole number from 0 up.
 */
export function repeat(x: Tensor, counts: number | readonly number[]): Tensor {
  return repeated('repeat', x, counts, false)
}

/** {@link repeat} for either of the two that count: `tile` takes 1 for axes without a count. */
export function repeated(
  name: string,
  x: Tensor,
  counts: number | readonly number[],
  fillsUp: boolean,
): Tensor {
  const { shape, rank } = expectTensor(name, x)
  const given: readonly number[] = typeof counts === 'number' ? [counts] : counts
  const isValid = Array.isArray(given) && given.every(count => Number.isInteger(count) && count >= 0)
  if (!isValid || (given.length < rank && !fillsUp)) {
    throw new ArgumentError(
      name,
      `needs a whole number from 0 up for each axis of ${formatShape(shape)}, got ${JSON.stringify(counts)}` +
        `${isValid ? '; tile takes 1 for axes in front that have none' : ''}.`,
    )
  }
  const times = [...new Array<number>(Math.max(0, rank - given.length)).fill(1), ...given]
  const sizes = [...new Array<number>(times.length - rank).fill(1), ...shape]
  expectRoom(
    name,
    sizes.map((size, k) => times[k]! * size),
  )
  // Each axis as two, of which the first one is repeated: [c, n] read in order is the axis c times.
  const split = reshape(
    x,
    sizes.flatMap(size => [1, size]),
  )
  const wide = expand(
    split,
    sizes.flatMap((size, k) => [times[k]!, size]),
  )
  return reshape(
    wide,
    sizes.map((size, k) => times[k]! * size),
  )
}
