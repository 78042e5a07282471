import { mean } from '../ops/mean.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import type { Reduced, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type VarianceOptions, variance } from './variance.ts'

/**
 * The variance and the mean over one axis, several, or all. The settings are those of `variance`.
 *
 * @example
 * ```ts
 * import { tensor, varianceAndMean } from '@adjoint/core'
 * const { variance, mean } = varianceAndMean(tensor([1, 2, 3, 4]))
 * variance.item() // => 1.25
 * mean.item() // => 2.5
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export function varianceAndMean<
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(
  x: Tensor<S>,
  axis?: Axis,
  options: VarianceOptions<Keep> = {},
): { readonly variance: Tensor<Reduced<S, Axis, Keep>>; readonly mean: Tensor<Reduced<S, Axis, Keep>> } {
  expectOptions('varianceAndMean', options, ['correction', 'keepDims'])
  reducedAxes('varianceAndMean', axis, expectTensor('varianceAndMean', x).rank)
  const { keepDims } = options
  return {
    variance: variance(x, axis, options),
    mean: mean(x, axis, keepDims === undefined ? undefined : { keepDims }),
  }
}
