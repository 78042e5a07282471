import type { Tensor } from '../tensor/tensor.ts'
import { type AxisSizes, followPattern } from './axesPattern.ts'

/**
 * Axes moved, split, joined and added by name: `'h w -> h w c'` with `{ c: 3 }`. As {@link rearrange}, but the right side may
 * name further axes, along which the tensor is repeated; their sizes stand in `sizes`, or as a number in the pattern.
 *
 * @example
 * ```ts
 * import { repeatAxes, tensor } from '@adjoint/core'
 * repeatAxes(tensor([1, 2]), 'n -> n times', { times: 2 }).toArray() // => [[1, 1], [2, 2]]
 * repeatAxes(tensor([1, 2]), 'n -> (3 n)').toArray() // => [1, 2, 1, 2, 1, 2]
 * ```
 * @throws ArgumentError for a pattern that is none, or sizes that do not decide; ShapeError when it does not fit the shape.
 */
export function repeatAxes(x: Tensor, pattern: string, sizes: AxisSizes = {}): Tensor {
  return followPattern('repeatAxes', x, pattern, sizes, { adds: true })
}
