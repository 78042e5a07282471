import { place } from '../ops/place.ts'
import { where } from '../ops/where.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Resized, Shape } from '../shape/types.ts'
import { expectTensor, onesLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * With elements of one value added around: `widths[k]` is how many before and after on axis k.
 *
 * @example
 * ```ts
 * import { pad, tensor } from '@adjoint/core'
 * pad(tensor([1, 2]), [[1, 2]], 9).toArray() // => [9, 1, 2, 9, 9]
 * ```
 * @throws ArgumentError when there is not one pair of whole numbers from 0 up for each axis.
 */
export function pad<S extends Shape>(
  x: Tensor<S>,
  widths: readonly (readonly [before: number, after: number])[],
  value = 0,
): Tensor<Resized<S>> {
  const valid =
    widths.length === expectTensor('pad', x).rank &&
    widths.flat().every(width => Number.isInteger(width) && width >= 0)
  if (!valid) {
    throw new ArgumentError(
      'pad',
      `needs a pair [before, after] of whole numbers from 0 up for each of ${x.rank} axes, got ${JSON.stringify(widths)}.`,
    )
  }
  const shape = x.shape.map((size, axis) => size + widths[axis]![0] + widths[axis]![1])
  const ranges = { starts: widths.map(([before]) => before), sizes: x.shape, steps: x.shape.map(() => 1) }
  const inside = place(x, shape, ranges)
  const padded = value === 0 ? inside : where(place(onesLike(x), shape, ranges), inside, value)
  return padded as unknown as Tensor<Resized<S>>
}
