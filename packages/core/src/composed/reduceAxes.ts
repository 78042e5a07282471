import { max } from '../ops/max.ts'
import { mean } from '../ops/mean.ts'
import { min } from '../ops/min.ts'
import { sum } from '../ops/sum.ts'
import { ArgumentError } from '../shape/errors.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type AxisSizes, followPattern } from './axesPattern.ts'
import { prod } from './prod.ts'

/** A reduction by name, or any function that takes some axes away, such as `logSumExp`. */
export type AxesReduction =
  | 'sum'
  | 'mean'
  | 'max'
  | 'min'
  | 'prod'
  | ((x: Tensor, axes: readonly number[]) => Tensor)

const BY_NAME: { readonly [name: string]: ((x: Tensor, axes: readonly number[]) => Tensor) | undefined } = {
  sum: (x, axes) => sum(x, axes),
  mean: (x, axes) => mean(x, axes),
  max: (x, axes) => max(x, axes),
  min: (x, axes) => min(x, axes),
  prod: (x, axes) => prod(x, axes),
}

/**
 * Axes moved, split, joined and reduced by name: `'b c (h 2) (w 2) -> b c h w'` with `'max'` is a pooling. As
 * {@link rearrange}, but axes that stand on the left only are reduced; a number there is an axis of that size.
 *
 * @example
 * ```ts
 * import { arange, reduceAxes } from '@adjoint/core'
 * reduceAxes(arange(6).reshape([2, 3]), 'row column -> row', 'sum').toArray() // => [3, 12]
 * reduceAxes(arange(6), '(n 2) -> n', 'max').toArray() // => [1, 3, 5]
 * ```
 * @throws ArgumentError for a pattern that is none, sizes that do not decide, or an unknown reduction; ShapeError when the
 * pattern does not fit the shape.
 */
export function reduceAxes(
  x: Tensor,
  pattern: string,
  reduction: AxesReduction,
  sizes: AxisSizes = {},
): Tensor {
  const reduce =
    typeof reduction === 'string' && Object.hasOwn(BY_NAME, reduction) ? BY_NAME[reduction] : reduction
  if (typeof reduce !== 'function') {
    throw new ArgumentError(
      'reduceAxes',
      `the reduction is one of ${Object.keys(BY_NAME)
        .map(known => `'${known}'`)
        .join(', ')}, or a function of a tensor and axes; got ${JSON.stringify(reduction)}.`,
    )
  }
  return followPattern('reduceAxes', x, pattern, sizes, { reduce })
}
