import { sliceRanges } from '../ops/sliceRanges.ts'
import { normalizeAxes } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * In reverse order along some axes (all of them without `axis`), as a view.
 *
 * @example
 * ```ts
 * import { flip, tensor } from '@adjoint/core'
 * flip(tensor([[1, 2], [3, 4]]), 1).toArray() // => [[2, 1], [4, 3]]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export function flip<S extends Shape>(x: Tensor<S>, axis?: number | readonly number[]): Tensor<S> {
  const axes = normalizeAxes('flip', axis, expectTensor('flip', x).rank)
  return sliceRanges(x, {
    starts: x.shape.map((size, k) => (axes.includes(k) ? Math.max(0, size - 1) : 0)),
    sizes: x.shape,
    steps: x.shape.map((_, k) => (axes.includes(k) ? -1 : 1)),
  }) as Tensor<S>
}
