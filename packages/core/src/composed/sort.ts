import type { SortOptions } from '../ops/argsort.ts'
import { expectOptions } from '../shape/arguments.ts'
import { lineAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { sortWithIndices } from './sortWithIndices.ts'

/**
 * The elements along an axis (the last one by default) in sorted order, ascending or descending. Stable; NaN counts as the
 * greatest number. Every element gets the cotangent of the place that it went to.
 *
 * @example
 * ```ts
 * import { sort, tensor } from '@adjoint/core'
 * sort(tensor([30, 10, 20])).toArray() // => [10, 20, 30]
 * sort(tensor([30, 10, 20]), 0, { descending: true }).toArray() // => [30, 20, 10]
 * ```
 * @throws AxisError for an axis outside of the rank.
 */
export function sort<S extends Shape>(x: Tensor<S>, axis = -1, options: SortOptions = {}): Tensor<S> {
  expectOptions('sort', options, ['descending'])
  lineAxes('sort', axis, expectTensor('sort', x).rank)
  return sortWithIndices(x, axis, options).values
}
