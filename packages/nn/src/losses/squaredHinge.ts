import { mul, relu, square, sub, type Tensor } from '@adjoint/core/functional'
import {
  type ElementLoss,
  expectOperands,
  expectSetting,
  expectSigns,
  reduce,
  type WeightedLossOptions,
} from './loss.ts'

/** What {@link squaredHinge} has besides the settings of every loss. */
export interface SquaredHingeSettings {
  /** The margin. Default 1. */
  readonly margin?: number
}

/**
 * The squared hinge loss of scores a and targets y that are 1 or −1, averaged over all elements: max(0, margin − y a)².
 * `∂/∂a = −2 y max(0, margin − y a)`, divided by the number of elements; it has no kink.
 *
 * `[...shape], [...shape] -> []`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { squaredHinge } from '@adjoint/nn'
 * squaredHinge(tensor([0.5, 3, 1]), tensor([1, 1, -1]), { reduction: 'none' }).toArray() // => [0.25, 0, 4]
 * ```
 * @throws ShapeError when prediction and target differ in shape; DTypeError for boolean targets; ArgumentError for an
 * unknown reduction or setting.
 */
export const squaredHinge: ElementLoss<SquaredHingeSettings> = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions & SquaredHingeSettings = {},
) => {
  expectOperands('squaredHinge', { prediction, target }, options, ['margin'])
  expectSigns('squaredHinge', target)
  const margin = expectSetting('squaredHinge', 'margin', options.margin ?? 1, -Infinity)
  return reduce('squaredHinge', square(relu(sub(margin, mul(target, prediction)))), options)
}) as ElementLoss<SquaredHingeSettings>
