import { abs, clip, mul, sub, type Tensor } from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, expectSetting, reduce, type WeightedLossOptions } from './loss.ts'

/** What {@link smoothL1} has besides the settings of every loss. */
export interface SmoothL1Settings {
  /** Where the parabola goes over into a straight line of slope 1; 0 for none. Default 1. */
  readonly beta?: number
}

/**
 * The smooth absolute error, averaged over all elements: with r = a − y, it is r²/(2β) where |r| < β and |r| − ½ β beyond:
 * the Huber loss with δ = β, divided by β. `∂/∂a = r/β held between −1 and 1`, divided by the number of elements.
 * Girshick, Fast R-CNN, 2015.
 *
 * `[...shape], [...shape] -> []`. With β = 0 it is the absolute error, whose derivative at r = 0 is 0.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { smoothL1 } from '@adjoint/nn'
 * smoothL1(tensor([1, 5]), tensor([2, 2]), { beta: 2, reduction: 'none' }).toArray() // => [0.25, 2]
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting, or a
 * beta below 0.
 */
export const smoothL1: ElementLoss<SmoothL1Settings> = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions & SmoothL1Settings = {},
) => {
  expectOperands('smoothL1', { prediction, target }, options, ['beta'])
  const beta = expectSetting('smoothL1', 'beta', options.beta ?? 1, 0, true)
  const r = sub(prediction, target)
  if (beta === 0) return reduce('smoothL1', abs(r), options)
  // With c = r/β held between ±1, both pieces are c (r − ½ β c).
  const c = clip(mul(r, 1 / beta), { low: -1, high: 1 })
  return reduce('smoothL1', mul(c, sub(r, mul(c, beta / 2))), options)
}) as ElementLoss<SmoothL1Settings>
