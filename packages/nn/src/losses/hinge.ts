import { mul, relu, sub, type Tensor } from '@adjoint/core/functional'
import {
  type ElementLoss,
  expectOperands,
  expectSetting,
  expectSigns,
  reduce,
  type WeightedLossOptions,
} from './loss.ts'

/** What {@link hinge} has besides the settings of every loss. */
export interface HingeSettings {
  /** The margin. Default 1. */
  readonly margin?: number
}

/**
 * The hinge loss of scores a and targets y that are 1 or −1, averaged over all elements: max(0, margin − y a).
 * `∂/∂a = −y` where y a < margin, 0 beyond and at the margin itself; divided by the number of elements.
 * Cortes and Vapnik, Support-vector networks, 1995.
 *
 * `[...shape], [...shape] -> []`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { hinge } from '@adjoint/nn'
 * hinge(tensor([0.5, 3, 1]), tensor([1, 1, -1]), { reduction: 'none' }).toArray() // => [0.5, 0, 2]
 * ```
 * @throws ShapeError when prediction and target differ in shape; DTypeError for boolean targets; ArgumentError for an
 * unknown reduction or setting.
 */
export const hinge: ElementLoss<HingeSettings> = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions & HingeSettings = {},
) => {
  expectOperands('hinge', { prediction, target }, options, ['margin'])
  expectSigns('hinge', target)
  const margin = expectSetting('hinge', 'margin', options.margin ?? 1, -Infinity)
  return reduce('hinge', relu(sub(margin, mul(target, prediction))), options)
}) as ElementLoss<HingeSettings>
