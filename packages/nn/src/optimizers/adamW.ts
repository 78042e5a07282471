import { mul } from '@adjoint/core/functional'
import { type AdamOptions, type AdamSettings, type AdamState, adamRule, adamUpdate } from './adam.ts'
import type { Updatable } from './group.ts'
import { problemOfShares } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { shareAfterDecay, stepNumber, type UpdateRule } from './rule.ts'

/**
 * The rule of {@link AdamW}, as PyTorch has it: with the weight decay λ
 *
 *     W ← (1 − α λ) W
 *
 * and then the rule of Adam with g = dW.
 */
export const adamWRule: UpdateRule<AdamState, AdamSettings> = {
  init: (parameter, settings) => adamRule.init(parameter, settings),
  update: inputs => {
    const { value, gradient, settings } = inputs
    const kept = settings.weightDecay === 0 ? value : mul(value, stepNumber(inputs, shareAfterDecay))
    return adamUpdate(kept, settings.maximize ? mul(gradient, -1) : gradient, inputs)
  },
  problem: settings => problemOfShares(settings, ['beta1', 'beta2']),
}

const DEFAULTS: AdamSettings = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  amsgrad: false,
  maximize: false,
}

/**
 * Adam with decoupled weight decay: the decay shrinks the parameter itself and does not pass through the running means, see
 * {@link adamWRule}. Loshchilov and Hutter, Decoupled weight decay regularization, 2019. `weightDecay` is 0.01 by default,
 * everything else is as in `Adam`; `decayGroups` leaves biases and norms out.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { AdamW } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -100]), 'w')
 * const optimizer = new AdamW([w], { learningRate: 0.5, weightDecay: 0.1 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.45, -94.5]
 * ```
 */
export class AdamW extends Optimizer<AdamState, AdamSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<AdamSettings>, options: AdamOptions = {}) {
    super('AdamW', parameters, adamWRule, DEFAULTS, options)
  }
}
