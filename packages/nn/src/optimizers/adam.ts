import {
  ArgumentError,
  add,
  div,
  mul,
  type Parameter,
  sqrt,
  square,
  sub,
  type Tensor,
  zerosLike,
} from '@adjoint/core/functional'
import { Optimizer } from './optimizer.ts'
import { settingsOf } from './options.ts'
import type { RuleSettings, UpdateRule } from './rule.ts'

/** Settings of {@link Adam}. */
export interface AdamOptions {
  /** Default 0.001. */
  readonly learningRate?: number
  /** How much of the mean gradient is kept from step to step. Default 0.9. */
  readonly beta1?: number
  /** How much of the mean squared gradient is kept from step to step. Default 0.999. */
  readonly beta2?: number
  /** Keeps the quotient finite where gradients are 0. Default 1e-8. */
  readonly epsilon?: number
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
}

/** All settings of {@link adamRule}. */
export interface AdamSettings extends RuleSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** The running means of the gradient and of its square. */
export type AdamState = { readonly mean: Tensor; readonly square: Tensor }

/**
 * The rule of {@link Adam}, as PyTorch has it: in step t, with g = dW + λ W,
 *
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²
 *     W ← W − α / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε)
 */
export const adamRule: UpdateRule<AdamState, AdamSettings> = {
  init: parameter => ({ mean: zerosLike(parameter), square: zerosLike(parameter) }),
  update: ({ value, gradient, state, settings, step }) => {
    const { learningRate, beta1, beta2, epsilon, weightDecay } = settings
    const g = weightDecay === 0 ? gradient : add(gradient, mul(value, weightDecay))
    const m = add(mul(state.mean, beta1), mul(g, 1 - beta1))
    const v = add(mul(state.square, beta2), mul(square(g), 1 - beta2))
    // 1 − βᵗ is what the zeros at the start still take from a running mean.
    const rate = learningRate / (1 - beta1 ** step)
    const denominator = add(div(sqrt(v), Math.sqrt(1 - beta2 ** step)), epsilon)
    return { value: sub(value, mul(div(m, denominator), rate)), state: { mean: m, square: v } }
  },
}

const DEFAULTS: AdamSettings = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }

/**
 * Adam: every element has a step size of its own, from running means of its gradient and of its square; see
 * {@link adamRule}. Kingma and Ba, Adam: a method for stochastic optimization, 2015. Weight decay is added to the gradient,
 * as in PyTorch's Adam.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Adam } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -100]), 'w')
 * const optimizer = new Adam([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -99.5]
 * ```
 */
export class Adam extends Optimizer<AdamState, AdamSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Iterable<Parameter>, options: AdamOptions = {}) {
    const settings = settingsOf('Adam', options, DEFAULTS)
    for (const key of ['beta1', 'beta2'] as const) {
      if (settings[key] < 1) continue
      throw new ArgumentError('Adam', `${key} must be below 1, got ${settings[key]}.`)
    }
    super('Adam', parameters, adamRule, settings)
  }
}
