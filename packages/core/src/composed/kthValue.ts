import { argsort } from '../ops/argsort.ts'
import type { ReductionOptions, Selection } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import type { Reduced, Shape } from '../shape/types.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { linesOf, select } from './selection.ts'
import { sliceAlong } from './sliceAlong.ts'

/**
 * The `k`-th smallest element along an axis (the last one by default), counted from 1 as in PyTorch, together with its
 * position. NaN counts as the greatest number.
 *
 * @example
 * ```ts
 * import { kthValue, tensor } from '@adjoint/core'
 * const { values, indices } = kthValue(tensor([30, 10, 20]), 2)
 * values.item() // => 20
 * indices.item() // => 2
 * ```
 * @throws ArgumentError when `k` is not from 1 to the number of elements.
 * @throws AxisError for an axis outside of the rank.
 */
export function kthValue<S extends Shape, const Axis extends number = -1, Keep extends boolean = false>(
  x: Tensor<S>,
  k: number,
  axis: Axis = -1 as Axis,
  options?: ReductionOptions<Keep>,
): Selection<Reduced<S, Axis, Keep>> {
  expectOptions('kthValue', options, ['keepDims'])
  const found = linesOf('kthValue', x, axis, options)
  const { lines, axis: along } = found
  const length = lines.shape[along]!
  if (!Number.isInteger(k) || k < 1 || k > length) {
    throw new ArgumentError(
      'kthValue',
      `k is a whole number from 1 to the ${length} elements along axis ${axis} of ${formatShape(x.shape)}, got ${k}.`,
    )
  }
  const indices = sliceAlong(argsort(lines, along), along, k - 1, 1)
  return select(found, indices) as Selection<Reduced<S, Axis, Keep>>
}
