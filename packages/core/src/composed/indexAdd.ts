import { accumulate } from '../ops/accumulate.ts'
import { add } from '../ops/add.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { operands } from '../primitive/elementwise.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { indexList } from './indexSelect.ts'
import { expectSource } from './scatterPositions.ts'

/**
 * A copy of `x` with slices of `source` added along an axis: slice i of the source goes to slice `indices[i]`. `x` is
 * `[...a, n, ...c]`, the indices `[k]`, the source `[...a, k, ...c]` or a shape that broadcasts to it. Slices that go to
 * one place are added in order.
 *
 * @example
 * ```ts
 * import { indexAdd, tensor } from '@adjoint/core'
 * const indices = tensor([2, 0, 2], { dtype: 'int32' })
 * indexAdd(tensor([10, 20, 30]), 0, indices, tensor([1, 2, 3])).toArray() // => [12, 20, 34]
 * ```
 * @throws ArgumentError for an index out of range; ShapeError for shapes that do not fit; DTypeError for indices that are
 * not int32.
 */
export function indexAdd<S extends Shape>(
  x: Tensor<S>,
  axis: number,
  indices: Tensor,
  source: Tensor | number,
): Tensor<S> {
  const { target, positions, placed, at } = indexedSlices('indexAdd', x as Tensor, axis, indices, source)
  return add(target, accumulate(placed, positions, target.shape[at]!, at)) as unknown as Tensor<S>
}

/** The checked operands of a function that writes slices along an axis. */
export function indexedSlices(
  op: string,
  x: Tensor,
  axis: number,
  indices: Tensor,
  source: Tensor | number,
): { readonly target: Tensor; readonly positions: Tensor; readonly placed: Tensor; readonly at: number } {
  const at = normalizeAxis(op, axis, expectTensor(op, x).rank)
  const [target, values] = operands(op, x, source)
  const list = indexList(op, indices)
  const { shape } = target
  const expected = shape.map((size, k) => (k === at ? list.size : size))
  const placed = expectSource(op, values, expected, 'the indexed part')
  const bounds = { size: shape[at]!, caller: op, of: { axis: at, shape } }
  return { target, positions: wrapIndices(list, bounds), placed, at }
}
