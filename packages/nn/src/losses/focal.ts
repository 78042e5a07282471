import { weigh } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  mul,
  neg,
  pow,
  sigmoid,
  softplus,
  sub,
  type Tensor,
} from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'
import { type ElementLoss, expectOperands, expectSetting, reduce, type WeightedLossOptions } from './loss.ts'

/** What {@link focal} has besides the settings of every loss. */
export interface FocalSettings {
  /** How strongly what is classified well already is left out of account; 0 for not at all. Default 2. */
  readonly gamma?: number
  /** The factor of positive examples, from 0 to 1; negative ones have the rest. `null` for 1 and 1. Default 0.25. */
  readonly alpha?: number | null
}

/**
 * The focal loss of logits z, averaged over all elements: the binary cross entropy of a = σ(z), with a factor that makes
 * little of what is easy. With p = a for y = 1, and p = 1 − a for y = 0,
 *
 *     −α (1 − p)^γ log p,   α' = 1 − α where y = 0
 *
 * `∂/∂z = α (1 − p)^γ (γ p log p − (1 − p))` for y = 1. Targets between 0 and 1 interpolate 1 − p, the cross entropy and α.
 * Lin et al., Focal loss for dense object detection, 2017.
 *
 * `[...shape], [...shape] -> []`. No exponential overflows and no logarithm sees 0, for any z.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { focal } from '@adjoint/nn'
 * const y = tensor([1, 1, 0])
 * focal(tensor([0, 1000, 1000]), y, { reduction: 'none' }).toArray() // => [0.0433, 0, 750]
 * ```
 * @throws ShapeError when logits and target differ in shape; ArgumentError for an unknown reduction or setting, a gamma below
 * 0, or an alpha that is not from 0 to 1.
 */
export const focal: ElementLoss<FocalSettings> = ((
  logits: Tensor,
  target: Tensor,
  options: WeightedLossOptions & FocalSettings = {},
) => {
  expectOperands('focal', { prediction: logits, target }, options, ['gamma', 'alpha'])
  const gamma = expectSetting('focal', 'gamma', options.gamma ?? 2, 0, true)
  const { alpha = 0.25 } = options
  if (alpha !== null && !(alpha >= 0 && alpha <= 1)) {
    throw new ArgumentError('focal', `alpha must be from 0 to 1, or null, got ${shown(alpha)}.`)
  }
  const rest = sub(1, target)
  // σ(−z) and softplus(−z), and not 1 − σ(z): nothing is lost where σ(z) rounds to 1.
  const opposite = neg(logits)
  const miss = add(mul(target, sigmoid(opposite)), mul(rest, sigmoid(logits)))
  const entropy = add(weigh(target, softplus(opposite)), weigh(rest, softplus(logits)))
  const losses = weigh(pow(miss, gamma), entropy)
  const factor = alpha === null ? undefined : add(mul(target, alpha), mul(rest, 1 - alpha))
  return reduce('focal', factor === undefined ? losses : mul(factor, losses), options)
}) as ElementLoss<FocalSettings>
