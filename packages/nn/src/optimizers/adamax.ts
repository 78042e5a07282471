import { abs, add, div, maximum, mul, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import { correctedRate } from './adam.ts'
import type { Updatable } from './group.ts'
import { problemOfShares, runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link Adamax}. */
export interface AdamaxOptions {
  /** Default 0.002. */
  readonly learningRate?: number
  /** How much of the mean gradient is kept from step to step. Default 0.9. */
  readonly beta1?: number
  /** How much of the largest gradient is kept from step to step. Default 0.999. */
  readonly beta2?: number
  /** Keeps the quotient finite where gradients are 0. Default 1e-8. */
  readonly epsilon?: number
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link adamaxRule}. */
export interface AdamaxSettings extends DescentSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/** The running mean of the gradient, and its fading maximum. */
export type AdamaxState = { readonly mean: Tensor; readonly largest: Tensor }

/**
 * The rule of {@link Adamax}, as PyTorch has it: in step t, with g = dW + λ W,
 *
 *     m ← β₁ m + (1 − β₁) g
 *     u ← max(β₂ u, |g| + ε)
 *     W ← W − α / (1 − β₁ᵗ) · m / u
 */
export const adamaxRule: UpdateRule<AdamaxState, AdamaxSettings> = {
  init: parameter => {
    const start = zerosLike(parameter)
    return { mean: start, largest: start }
  },
  update: inputs => {
    const { value, state, settings } = inputs
    const { beta1, beta2, epsilon } = settings
    const g = descent(inputs)
    const m = runningMean(state.mean, g, beta1)
    const u = maximum(mul(state.largest, beta2), add(abs(g), epsilon))
    const rate = stepNumber(inputs, correctedRate)
    return { value: sub(value, mul(div(m, u), rate)), state: { mean: m, largest: u } }
  },
  problem: settings => problemOfShares(settings, ['beta1', 'beta2']),
}

const DEFAULTS: AdamaxSettings = {
  learningRate: 2e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  maximize: false,
}

/**
 * Adam with the largest gradient in the place of the root of the mean square; see {@link adamaxRule}. Kingma and Ba, Adam: a
 * method for stochastic optimization, 2015, section 7.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Adamax } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new Adamax([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -1.5]
 * ```
 */
export class Adamax extends Optimizer<AdamaxState, AdamaxSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<AdamaxSettings>, options: AdamaxOptions = {}) {
    super('Adamax', parameters, adamaxRule, DEFAULTS, options)
  }
}
