import { argsort } from '../ops/argsort.ts'
import { gather } from '../ops/gather.ts'
import type { Selection } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Resized, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { sliceAlong } from './sliceAlong.ts'

/** Settings of {@link topk}. */
export interface TopkOptions {
  /** The largest elements, or with `false` the smallest. Default true. */
  readonly largest?: boolean
}

/**
 * The `k` largest (or smallest) elements along an axis (the last one by default), the most extreme first, together with
 * their positions. Of equal elements the first ones; NaN counts as the greatest number.
 *
 * `[..., n, ...] -> [..., k, ...]`
 *
 * @example
 * ```ts
 * import { tensor, topk } from '@adjoint/core'
 * const { values, indices } = topk(tensor([3, 9, 4, 7]), 2)
 * values.toArray() // => [9, 7]
 * indices.toArray() // => [1, 3]
 * topk(tensor([3, 9, 4, 7]), 1, 0, { largest: false }).values.toArray() // => [3]
 * ```
 * @throws ArgumentError when there are fewer than `k` elements.
 * @throws AxisError for an axis outside of the rank.
 */
export function topk<S extends Shape>(
  x: Tensor<S>,
  k: number,
  axis = -1,
  options: TopkOptions = {},
): Selection<Resized<S>> {
  expectOptions('topk', options, ['largest'])
  const [along] = lineAxes('topk', axis, expectTensor('topk', x).rank)
  const length = along === undefined ? 1 : x.shape[along]!
  if (!Number.isInteger(k) || k < 0 || k > length) {
    throw new ArgumentError(
      'topk',
      `k is a whole number from 0 to the ${length} elements along axis ${axis} of ${formatShape(x.shape)}, got ${k}.`,
    )
  }
  const order = argsort(x as Tensor, axis, { descending: options.largest ?? true })
  if (along === undefined) return { values: x, indices: order } as unknown as Selection<Resized<S>>
  const indices = sliceAlong(order, along, 0, k)
  return { values: gather(x, along, indices), indices } as unknown as Selection<Resized<S>>
}
