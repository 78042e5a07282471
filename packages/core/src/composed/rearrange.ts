import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type AxisSizes, followPattern } from './axesPattern.ts'
import { stack } from './stack.ts'

export type { AxisSizes } from './axesPattern.ts'

/**
 * Axes moved, split and joined by name: `'b c h w -> b (c h) w'`. Both sides name the same axes; parentheses hold axes that
 * share one place, the last one running fastest; `1` and `()` are an axis of size 1, `...` any axes in between. `sizes` says
 * how a place is split where the shape alone does not. A list of tensors is stacked along a new first axis. A view where
 * nothing has to be joined. The notation is that of einops (Rogozhnikov, 2022).
 *
 * @example
 * ```ts
 * import { arange, rearrange } from '@adjoint/core'
 * const x = arange(6).reshape([2, 3])
 * rearrange(x, 'row column -> column row').toArray() // => [[0, 3], [1, 4], [2, 5]]
 * rearrange(arange(6), '(row column) -> row column', { row: 2 }).shape // => [2, 3]
 * rearrange(x, '... -> (...) 1').shape // => [6, 1]
 * ```
 * @throws ArgumentError for a pattern that is none, or sizes that do not decide; ShapeError when it does not fit the shape.
 */
export function rearrange(x: Tensor | readonly Tensor[], pattern: string, sizes: AxisSizes = {}): Tensor {
  const whole = Array.isArray(x) ? stack(x.map(part => expectTensor('rearrange', part))) : (x as Tensor)
  return followPattern('rearrange', whole, pattern, sizes)
}
