import { add, div, mul, relu, sqrt, square, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, learningRateOf, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link RMSprop}. */
export interface RMSpropOptions {
  /** Default 0.01. */
  readonly learningRate?: number
  /** How much of the mean squared gradient is kept from step to step; `alpha` in PyTorch. Default 0.99. */
  readonly decay?: number
  /** Keeps the quotient finite where gradients are 0. Default 1e-8. */
  readonly epsilon?: number
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
  /** How much of the velocity is kept from step to step. Default 0. */
  readonly momentum?: number
  /** Divide by the deviation: the squared mean gradient is taken off the mean square. Default false. */
  readonly centered?: boolean
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link rmspropRule}. */
export interface RMSpropSettings extends DescentSettings {
  readonly decay: number
  readonly epsilon: number
  readonly momentum: number
  readonly centered: boolean
}

/** The running mean of the squared gradient, of the gradient when it is centered, and the velocity when there is momentum. */
export type RMSpropState = { readonly square: Tensor; readonly mean?: Tensor; readonly velocity?: Tensor }

/**
 * The rule of {@link RMSprop}, as PyTorch has it: with g = dW + λ W, the decay ρ and the momentum μ,
 *
 *     v ← ρ v + (1 − ρ) g²,  and centered  m ← ρ m + (1 − ρ) g
 *     q = g / (√v + ε),  or centered  g / (√(v − m²) + ε)
 *     W ← W − α q,  or with momentum  b ← μ b + q,  W ← W − α b
 *
 * v − m² is a variance; where rounding makes it negative, it counts as 0.
 */
export const rmspropRule: UpdateRule<RMSpropState, RMSpropSettings> = {
  init: (parameter, { centered, momentum }) => {
    const start = zerosLike(parameter)
    return withMemory({ square: start }, centered ? start : undefined, momentum > 0 ? start : undefined)
  },
  update: inputs => {
    const { value, state, settings } = inputs
    const { decay, epsilon, momentum, centered } = settings
    const g = descent(inputs)
    const v = runningMean(state.square, square(g), decay)
    const m = centered ? runningMean(state.mean ?? zerosLike(value), g, decay) : undefined
    const spread = m === undefined ? v : relu(sub(v, square(m)))
    const quotient = div(g, add(sqrt(spread), epsilon))
    const velocity =
      momentum > 0 ? add(mul(state.velocity ?? zerosLike(value), momentum), quotient) : undefined
    const next = sub(value, mul(velocity ?? quotient, stepNumber(inputs, learningRateOf)))
    return { value: next, state: withMemory({ square: v }, m, velocity) }
  },
}

/** Slots that are there only when they are needed. */
function withMemory(
  state: RMSpropState,
  mean: Tensor | undefined,
  velocity: Tensor | undefined,
): RMSpropState {
  return { ...state, ...(mean && { mean }), ...(velocity && { velocity }) }
}

const DEFAULTS: RMSpropSettings = {
  learningRate: 0.01,
  decay: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
}

/**
 * Gradient descent, divided by the root of a running mean of the squared gradient; see {@link rmspropRule}. Tieleman and
 * Hinton, Lecture 6.5 of Neural networks for machine learning, 2012; centered: Graves, Generating sequences with recurrent
 * neural networks, 2013.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { RMSprop } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new RMSprop([w], { learningRate: 0.05 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -1.5]
 * ```
 */
export class RMSprop extends Optimizer<RMSpropState, RMSpropSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<RMSpropSettings>, options: RMSpropOptions = {}) {
    super('RMSprop', parameters, rmspropRule, DEFAULTS, options)
  }
}
