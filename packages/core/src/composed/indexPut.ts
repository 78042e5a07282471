import { accumulate } from '../ops/accumulate.ts'
import { add } from '../ops/add.ts'
import { overwrite } from '../ops/overwrite.ts'
import { reshape } from '../ops/reshape.ts'
import { operands } from '../primitive/elementwise.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import type { Shape } from '../shape/types.ts'
import { allocate, type Tensor } from '../tensor/tensor.ts'
import { elementsAt, type Index } from './at.ts'
import { expectSource } from './scatterPositions.ts'

/** Settings of {@link indexPut}. */
export interface IndexPutOptions {
  /** Add the values to what is there, instead of replacing it. Default false. */
  readonly accumulate?: boolean
}

/**
 * A copy of `x` with values at the places that `at(x, ...indices)` reads: NumPy's `x[...] = values`. The values are a
 * number, or a tensor that broadcasts to the shape of what `at` gives.
 *
 * Of several values for one place the last one in row-major order stays, and the others get gradient 0, as have the
 * elements of `x` that were replaced. With `accumulate` all of them are added, in that order.
 *
 * @example
 * ```ts
 * import { indexPut, tensor, zeros } from '@adjoint/core'
 * const rows = tensor([0, 1, 0], { dtype: 'int32' })
 * indexPut(zeros([2, 2]), [rows, 1], tensor([1, 2, 3])).toArray() // => [[0, 3], [0, 2]]
 * indexPut(zeros([2, 2]), [rows, 1], tensor([1, 2, 3]), { accumulate: true }).toArray() // => [[0, 4], [0, 2]]
 * ```
 * @throws what `at` throws for the indices; ShapeError for values that do not broadcast.
 */
export function indexPut<S extends Shape>(
  x: Tensor<S>,
  indices: readonly Index[],
  values: Tensor | number,
  options: IndexPutOptions = {},
): Tensor<S> {
  expectOptions('indexPut', options, ['accumulate'])
  if (!Array.isArray(indices))
    throw new ArgumentError('indexPut', `takes an array of indices, as at does, got ${describe(indices)}.`)
  const [target, source] = operands('indexPut', x as Tensor, values)
  const { shape, size } = target
  // Where an element comes from is where it goes to.
  const positions = elementsAt('indexPut', placesOf(shape, size), indices)
  const placed = expectSource('indexPut', source, positions.shape, 'the indexed part')
  const flat = reshape(target, [size])
  const result = options.accumulate
    ? add(flat, accumulate(placed, positions, size))
    : overwrite(flat, positions, placed)
  return reshape(result, shape) as unknown as Tensor<S>
}

/** Every element's own position in row-major order. */
function placesOf(shape: readonly number[], size: number): Tensor {
  const places = allocate(shape, 'int32')
  for (let i = 0; i < size; i++) places.storage[places.offset + i] = i
  return places
}
