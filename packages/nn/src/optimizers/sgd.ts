import { add, mul, type Parameter, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import type { GroupOptions, Updatable } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, learningRateOf, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link SGD}. */
export interface SGDOptions {
  readonly learningRate: number
  /** How much of the velocity is kept from step to step. Default 0. */
  readonly momentum?: number
  /** How much of the gradient does not enter the velocity, from the second step on. Default 0. */
  readonly dampening?: number
  /** Look ahead along the velocity. Needs momentum, and no dampening. Default false. */
  readonly nesterov?: boolean
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link sgdRule}. */
export interface SGDSettings extends DescentSettings {
  readonly momentum: number
  readonly dampening: number
  readonly nesterov: boolean
}

/** The velocity, when there is momentum. */
export type SGDState = { readonly velocity?: Tensor }

/**
 * The rule of {@link SGD}: W ← W − α dW, and with momentum μ, dampening τ and weight decay λ, as PyTorch has it,
 *
 *     g ← dW + λ W,  or to climb  −dW + λ W
 *     v ← g in the first step, μ v + (1 − τ) g afterwards
 *     W ← W − α v,  or with nesterov  W − α (g + μ v)
 */
export const sgdRule: UpdateRule<SGDState, SGDSettings> = {
  init: (parameter, { momentum }) => (momentum === 0 ? NOTHING : { velocity: zerosLike(parameter) }),
  update: inputs => {
    const { value, state, settings } = inputs
    const { momentum, dampening, nesterov } = settings
    const rate = stepNumber(inputs, learningRateOf)
    const g = descent(inputs)
    if (momentum === 0) return { value: sub(value, mul(g, rate)), state }
    const entering = dampening === 0 ? g : mul(g, stepNumber(inputs, shareOfGradient))
    const velocity = add(mul(state.velocity ?? zerosLike(value), momentum), entering)
    const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity
    return { value: sub(value, mul(direction, rate)), state: { velocity } }
  },
  problem: ({ momentum, dampening, nesterov }) =>
    nesterov && (momentum === 0 || dampening !== 0)
      ? 'nesterov needs momentum above 0 and dampening 0.'
      : undefined,
}

const shareOfGradient = ({ dampening }: SGDSettings, step: number): number => (step === 1 ? 1 : 1 - dampening)

const NOTHING: SGDState = /* @__PURE__ */ Object.freeze({})

/** The rate has no default: it must be given, here or in every group. */
const DEFAULTS: SGDSettings = {
  learningRate: undefined as unknown as number,
  momentum: 0,
  dampening: 0,
  nesterov: false,
  weightDecay: 0,
  maximize: false,
}

/**
 * Gradient descent: W ← W − α dW, with momentum, Nesterov's look ahead, dampening and weight decay by the formulas of
 * PyTorch, see {@link sgdRule}. Lecture: gradient descent for neural networks.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { SGD } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new SGD([w], { learningRate: 0.25 })
 * for (let step = 0; step < 2; step++) {
 *   w.square().sum().backward()
 *   optimizer.step()
 * }
 * w.toArray() // => [0.25, -0.5]
 * ```
 */
export class SGD extends Optimizer<SGDState, SGDSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range, or nesterov without momentum or with dampening;
   * see {@link Optimizer}.
   */
  constructor(parameters: Iterable<Parameter>, options: SGDOptions)
  constructor(groups: Iterable<GroupOptions<SGDSettings>>, options?: Partial<SGDOptions>)
  constructor(parameters: Updatable<SGDSettings>, options: Partial<SGDOptions> = {}) {
    super('SGD', parameters, sgdRule, DEFAULTS, options)
  }
}
