import { mul, sign, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { problemOfShares, runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, learningRateOf, shareAfterDecay, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link Lion}. */
export interface LionOptions {
  /** Default 1e-4. */
  readonly learningRate?: number
  /** How much of the mean gradient enters the direction. Default 0.9. */
  readonly beta1?: number
  /** How much of the mean gradient is kept from step to step. Default 0.99. */
  readonly beta2?: number
  /** Shrinks the parameter by this times the learning rate. Default 0. */
  readonly weightDecay?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link lionRule}. */
export interface LionSettings extends DescentSettings {
  readonly beta1: number
  readonly beta2: number
}

/** The running mean of the gradient. */
export type LionState = { readonly mean: Tensor }

/**
 * The rule of {@link Lion}: with g = dW and the weight decay λ,
 *
 *     W ← (1 − α λ) W − α sign(β₁ m + (1 − β₁) g)
 *     m ← β₂ m + (1 − β₂) g
 */
export const lionRule: UpdateRule<LionState, LionSettings> = {
  init: parameter => ({ mean: zerosLike(parameter) }),
  update: inputs => {
    const { value, gradient, state, settings } = inputs
    const { beta1, beta2, weightDecay, maximize } = settings
    const g = maximize ? mul(gradient, -1) : gradient
    const kept = weightDecay === 0 ? value : mul(value, stepNumber(inputs, shareAfterDecay))
    const direction = sign(runningMean(state.mean, g, beta1))
    return {
      value: sub(kept, mul(direction, stepNumber(inputs, learningRateOf))),
      state: { mean: runningMean(state.mean, g, beta2) },
    }
  },
  problem: settings => problemOfShares(settings, ['beta1', 'beta2']),
}

const DEFAULTS: LionSettings = {
  learningRate: 1e-4,
  beta1: 0.9,
  beta2: 0.99,
  weightDecay: 0,
  maximize: false,
}

/**
 * Steps of one size along the sign of a mean of gradients, with decoupled weight decay and half the memory of Adam; see
 * {@link lionRule}. Chen and others, Symbolic discovery of optimization algorithms, 2023. Its rate is a third to a tenth of
 * the rate for Adam, its weight decay as much larger.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Lion } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new Lion([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -1.5]
 * ```
 */
export class Lion extends Optimizer<LionState, LionSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<LionSettings>, options: LionOptions = {}) {
    super('Lion', parameters, lionRule, DEFAULTS, options)
  }
}
