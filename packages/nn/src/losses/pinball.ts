import { ArgumentError, add, mul, neg, relu, sub, type Tensor } from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'
import { type ElementLoss, expectOperands, reduce, type WeightedLossOptions } from './loss.ts'

/** What {@link pinball} has besides the settings of every loss. */
export interface PinballSettings {
  /** Which quantile is learned, between 0 and 1. Default 0.5, the median. */
  readonly quantile?: number
}

/**
 * The quantile loss, averaged over all elements: with e = y − a it is q e where the prediction is too low, and (q − 1) e
 * where it is too high. Its minimum is the q-quantile. `∂/∂a` is −q and 1 − q there, divided by the number of elements; 0 at
 * a = y, the subgradient of least norm. Koenker and Bassett, Regression quantiles, 1978.
 *
 * `[...shape], [...shape] -> []`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { pinball } from '@adjoint/nn'
 * pinball(tensor([1, 1]), tensor([3, 0]), { quantile: 0.9, reduction: 'none' }).toArray() // => [1.8, 0.1]
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting, or a
 * quantile that is not between 0 and 1.
 */
export const pinball: ElementLoss<PinballSettings> = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions & PinballSettings = {},
) => {
  expectOperands('pinball', { prediction, target }, options, ['quantile'])
  const { quantile: q = 0.5 } = options
  if (!(q > 0 && q < 1)) {
    throw new ArgumentError('pinball', `quantile must be between 0 and 1, got ${shown(q)}.`)
  }
  const e = sub(target, prediction)
  return reduce('pinball', add(mul(relu(e), q), mul(relu(neg(e)), 1 - q)), options)
}) as ElementLoss<PinballSettings>
