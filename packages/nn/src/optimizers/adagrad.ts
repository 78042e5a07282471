import { add, div, full, mul, sqrt, square, sub, type Tensor } from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link Adagrad}. */
export interface AdagradOptions {
  /** Default 0.01. */
  readonly learningRate?: number
  /** Divides the rate by 1 + this times the steps before. Default 0. */
  readonly learningRateDecay?: number
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
  /** The sum of squares before the first step. Default 0. */
  readonly initialAccumulator?: number
  /** Keeps the quotient finite where gradients are 0. Default 1e-10. */
  readonly epsilon?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link adagradRule}. */
export interface AdagradSettings extends DescentSettings {
  readonly learningRateDecay: number
  readonly initialAccumulator: number
  readonly epsilon: number
}

/** The sum of the squared gradients. */
export type AdagradState = { readonly sum: Tensor }

/**
 * The rule of {@link Adagrad}, as PyTorch has it: in step t, with g = dW + λ W and the learning rate decay η,
 *
 *     s ← s + g²
 *     W ← W − α / (1 + (t − 1) η) · g / (√s + ε)
 */
export const adagradRule: UpdateRule<AdagradState, AdagradSettings> = {
  init: (parameter, { initialAccumulator }) => ({
    sum: full(parameter.shape, initialAccumulator, { dtype: parameter.dtype }),
  }),
  update: inputs => {
    const { value, state, settings } = inputs
    const g = descent(inputs)
    const sum = add(state.sum, square(g))
    const quotient = div(g, add(sqrt(sum), settings.epsilon))
    return { value: sub(value, mul(quotient, stepNumber(inputs, decayedRate))), state: { sum } }
  },
}

const decayedRate = ({ learningRate, learningRateDecay }: AdagradSettings, step: number): number =>
  learningRate / (1 + (step - 1) * learningRateDecay)

const DEFAULTS: AdagradSettings = {
  learningRate: 0.01,
  learningRateDecay: 0,
  weightDecay: 0,
  initialAccumulator: 0,
  epsilon: 1e-10,
  maximize: false,
}

/**
 * Gradient descent with a step size for every element that shrinks with the squares of its gradients, for sparse features;
 * see {@link adagradRule}. Duchi, Hazan and Singer, Adaptive subgradient methods for online learning and stochastic
 * optimization, 2011.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Adagrad } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new Adagrad([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -1.5]
 * ```
 */
export class Adagrad extends Optimizer<AdagradState, AdagradSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<AdagradSettings>, options: AdagradOptions = {}) {
    super('Adagrad', parameters, adagradRule, DEFAULTS, options)
  }
}
