import { argsort, type SortOptions } from '../ops/argsort.ts'
import { gather } from '../ops/gather.ts'
import type { Selection } from '../primitive/signatures.ts'
import { expectOptions } from '../shape/arguments.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * `sort` and `argsort` in one: the elements along an axis (the last one by default) in sorted order, and the positions that
 * they come from.
 *
 * @example
 * ```ts
 * import { sortWithIndices, tensor } from '@adjoint/core'
 * const { values, indices } = sortWithIndices(tensor([30, 10, 20]))
 * values.toArray() // => [10, 20, 30]
 * indices.toArray() // => [1, 2, 0]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export function sortWithIndices<S extends Shape>(
  x: Tensor<S>,
  axis = -1,
  options: SortOptions = {},
): Selection<S> {
  expectOptions('sortWithIndices', options, ['descending'])
  lineAxes('sortWithIndices', axis, expectTensor('sortWithIndices', x).rank)
  const indices = argsort(x, axis, options)
  return { values: x.rank === 0 ? x : gather(x, axis, indices), indices }
}
