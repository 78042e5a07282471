import { permute } from '../ops/permute.ts'
import { ArgumentError } from '../shape/errors.ts'
import { normalizeAxes, normalizeAxis } from '../shape/shape.ts'
import type { Resized, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * One axis, or several, at other positions; the remaining axes keep their order. A view.
 *
 * @example
 * ```ts
 * import { moveAxis, zeros } from '@adjoint/core'
 * moveAxis(zeros([2, 3, 4]), 0, -1).shape // => [3, 4, 2]
 * moveAxis(zeros([2, 3, 4]), [0, 1], [1, 2]).shape // => [4, 2, 3]
 * ```
 * @throws AxisError when an axis or a position is outside of the rank or named twice; ArgumentError for unequal numbers of them.
 */
export function moveAxis<S extends Shape>(
  x: Tensor<S>,
  from: number | readonly number[],
  to: number | readonly number[],
): Tensor<Resized<S>> {
  const { rank } = expectTensor('moveAxis', x)
  for (const axes of [from, to]) {
    if (axes === undefined)
      throw new ArgumentError(
        'moveAxis',
        'needs the axes to move and their new positions: moveAxis(x, from, to).',
      )
    normalizeAxes('moveAxis', axes, rank)
  }
  const [sources, places] = [from, to].map(axes => (typeof axes === 'number' ? [axes] : axes))
  if (sources!.length !== places!.length) {
    throw new ArgumentError(
      'moveAxis',
      `needs a position for each axis, got ${JSON.stringify(from)} to ${JSON.stringify(to)}.`,
    )
  }
  const moved = new Map(
    sources!.map((source, i) => [
      normalizeAxis('moveAxis', places![i]!, rank),
      normalizeAxis('moveAxis', source, rank),
    ]),
  )
  const taken = new Set(moved.values())
  const rest = x.shape.flatMap((_, axis) => (taken.has(axis) ? [] : [axis]))
  const order = x.shape.map((_, place) => moved.get(place) ?? rest.shift()!)
  return permute(x, order) as unknown as Tensor<Resized<S>>
}
