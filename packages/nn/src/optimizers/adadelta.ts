import { add, div, mul, sqrt, square, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, learningRateOf, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link Adadelta}. */
export interface AdadeltaOptions {
  /** Default 1. */
  readonly learningRate?: number
  /** How much of the running means is kept from step to step. Default 0.9. */
  readonly decay?: number
  /** Under both roots: the size of the first steps depends on it. Default 1e-6. */
  readonly epsilon?: number
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link adadeltaRule}. */
export interface AdadeltaSettings extends DescentSettings {
  readonly decay: number
  readonly epsilon: number
}

/** The running means of the squared gradients, and of the squared changes. */
export type AdadeltaState = { readonly square: Tensor; readonly changes: Tensor }

/**
 * The rule of {@link Adadelta}, as PyTorch has it: with g = dW + λ W and the decay ρ,
 *
 *     v ← ρ v + (1 − ρ) g²
 *     δ = √(d + ε) / √(v + ε) · g
 *     d ← ρ d + (1 − ρ) δ²
 *     W ← W − α δ
 */
export const adadeltaRule: UpdateRule<AdadeltaState, AdadeltaSettings> = {
  init: parameter => {
    const start = zerosLike(parameter)
    return { square: start, changes: start }
  },
  update: inputs => {
    const { value, state, settings } = inputs
    const { decay, epsilon } = settings
    const g = descent(inputs)
    const v = runningMean(state.square, square(g), decay)
    const change = mul(div(sqrt(add(state.changes, epsilon)), sqrt(add(v, epsilon))), g)
    const changes = runningMean(state.changes, square(change), decay)
    const rate = stepNumber(inputs, learningRateOf)
    return { value: sub(value, mul(change, rate)), state: { square: v, changes } }
  },
  problem: ({ decay }) => (decay > 1 ? `decay must be at most 1, got ${decay}.` : undefined),
}

const DEFAULTS: AdadeltaSettings = {
  learningRate: 1,
  decay: 0.9,
  epsilon: 1e-6,
  weightDecay: 0,
  maximize: false,
}

/**
 * Steps in the units of the parameter: the root mean square of past changes, divided by that of the gradients; see
 * {@link adadeltaRule}. Zeiler, Adadelta: an adaptive learning rate method, 2012.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Adadelta } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new Adadelta([w])
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.9968, -1.9968]
 * ```
 */
export class Adadelta extends Optimizer<AdadeltaState, AdadeltaSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<AdadeltaSettings>, options: AdadeltaOptions = {}) {
    super('Adadelta', parameters, adadeltaRule, DEFAULTS, options)
  }
}
