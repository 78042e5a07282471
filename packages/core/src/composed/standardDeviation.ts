import { center } from '../ops/center.ts'
import { norm } from '../ops/norm.ts'
import { expectOptions } from '../shape/arguments.ts'
import { reducedAxes } from '../shape/shape.ts'
import type { Reduced, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { freedomOf, overFreedom, type VarianceOptions } from './variance.ts'

/**
 * The root of the variance, ‖x - mean‖ / √(count - correction), over one axis, several, or all; the correction is 0 by
 * default (1 in PyTorch). NaN for one element with correction 1, and the gradient with it. Computed as a norm, so that no square overflows.
 *
 * Kink policy: of equal elements the gradient is 0, in the second derivative too.
 *
 * @example
 * ```ts
 * import { standardDeviation, tensor } from '@adjoint/core'
 * standardDeviation(tensor([1, 3])).item() // => 1
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export function standardDeviation<
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
  Keep extends boolean = false,
>(x: Tensor<S>, axis?: Axis, options: VarianceOptions<Keep> = {}): Tensor<Reduced<S, Axis, Keep>> {
  expectOptions('standardDeviation', options, ['correction', 'keepDims'])
  const axes = reducedAxes('standardDeviation', axis, expectTensor('standardDeviation', x).rank)
  const length = norm(center(x as Tensor, axes), axes, { keepDims: options.keepDims ?? false })
  const divisor = Math.sqrt(freedomOf('standardDeviation', x, axes, options))
  return overFreedom(length, x as Tensor, axes, divisor) as unknown as Tensor<Reduced<S, Axis, Keep>>
}
