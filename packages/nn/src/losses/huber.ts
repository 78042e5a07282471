import { ArgumentError, clip, mul, type Shape, sub, type Tensor } from '@adjoint/core/functional'
import {
  expectOperands,
  type LossShape,
  type Reduction,
  reduce,
  type TargetLike,
  type WeightedLossOptions,
} from './loss.ts'

/** Settings of {@link huber}. */
export interface HuberOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** Where the parabola goes over into a straight line. Default 1. */
  readonly delta?: number
}

/**
 * The Huber loss, averaged over all elements: with r = a − y, it is ½ r² where |r| ≤ δ and δ (|r| − ½ δ) beyond. `∂/∂a` is
 * r held between −δ and δ, divided by the number of elements.
 * Huber, Robust estimation of a location parameter, 1964.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { huber } from '@adjoint/nn'
 * huber(tensor([1, 5]), tensor([2, 2]), { delta: 2, reduction: 'none' }).toArray() // => [0.5, 4]
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting, or a delta that
 * is not greater than 0.
 */
export function huber<P extends Shape, T extends Shape, R extends Reduction = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options: HuberOptions<R> = {},
): Tensor<LossShape<R, P>> {
  const { delta = 1 } = options
  if (!(delta > 0)) throw new ArgumentError('huber', `delta must be greater than 0, got ${delta}.`)
  expectOperands('huber', { prediction, target } as Record<string, Tensor>, options, ['delta'])
  const r = sub(prediction as Tensor, target as Tensor)
  // With c = r held between ±δ, both pieces are c (r − ½ c).
  const c = clip(r, { low: -delta, high: delta })
  const losses = mul(c, sub(r, mul(c, 0.5)))
  return reduce('huber', losses, options) as Tensor<LossShape<R, P>>
}
