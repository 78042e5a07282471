import {
  ArgumentError,
  add,
  equal,
  mul,
  type Parameter,
  sub,
  Tensor,
  where,
  zerosLike,
} from '@adjoint/core/functional'
import { expectSetting, Optimizer } from './optimizer.ts'
import type { RuleSettings, UpdateRule } from './rule.ts'

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
}

/** All settings of {@link sgdRule}. */
export interface SGDSettings extends RuleSettings {
  readonly momentum: number
  readonly dampening: number
  readonly nesterov: boolean
  readonly weightDecay: number
}

/** The velocity, when there is momentum. */
export type SGDState = { readonly velocity?: Tensor }

/**
 * The rule of {@link SGD}: W ← W − α dW, and with momentum μ, dampening τ and weight decay λ, as PyTorch has it,
 *
 *     g ← dW + λ W
 *     v ← g in the first step, μ v + (1 − τ) g afterwards
 *     W ← W − α v,  or with nesterov  W − α (g + μ v)
 */
export const sgdRule: UpdateRule<SGDState, SGDSettings> = {
  init: (parameter, { momentum }) => (momentum === 0 ? NOTHING : { velocity: zerosLike(parameter) }),
  update: ({ value, gradient, state, settings, step }) => {
    const { learningRate, momentum, dampening, nesterov, weightDecay } = settings
    const g = weightDecay === 0 ? gradient : add(gradient, mul(value, weightDecay))
    if (momentum === 0) return { value: sub(value, mul(g, learningRate)), state }
    const velocity = add(mul(state.velocity!, momentum), damped(g, dampening, step))
    const direction = nesterov ? add(g, mul(velocity, momentum)) : velocity
    return { value: sub(value, mul(direction, learningRate)), state: { velocity } }
  },
}

const NOTHING: SGDState = Object.freeze({})

/** (1 − τ) g, but all of g in the first step. */
function damped(g: Tensor, dampening: number, step: number | Tensor): Tensor {
  if (dampening === 0 || step === 1) return g
  const rest = mul(g, 1 - dampening)
  return step instanceof Tensor ? where(equal(step, 1), g, rest) : rest
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
   * @param parameters what to update, as from `parameters(model)`
   * @throws ArgumentError for settings out of range, or nesterov without momentum or with dampening; see {@link Optimizer}.
   */
  constructor(parameters: Iterable<Parameter>, options: SGDOptions) {
    const { learningRate, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0 } = options
    expectSetting('SGD', 'momentum', momentum)
    expectSetting('SGD', 'dampening', dampening)
    expectSetting('SGD', 'weightDecay', weightDecay)
    if (nesterov && (momentum === 0 || dampening !== 0)) {
      throw new ArgumentError(
        'SGD',
        `nesterov needs momentum above 0 and dampening 0, got momentum ${momentum} and dampening ${dampening}.`,
      )
    }
    super('SGD', parameters, sgdRule, { learningRate, momentum, dampening, nesterov, weightDecay })
  }
}
