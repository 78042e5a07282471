import {
  full,
  greater,
  less,
  maximum,
  minimum,
  mul,
  sign,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { Optimizer } from './optimizer.ts'
import type { RuleSettings, UpdateRule } from './rule.ts'

/** Settings of {@link Rprop}. */
export interface RpropOptions {
  /** The first step of every element. Default 0.01. */
  readonly learningRate?: number
  /** Shrinks the step after a change of sign. Default 0.5. */
  readonly decrease?: number
  /** Lets the step grow while the sign stays. Default 1.2. */
  readonly increase?: number
  /** Default 1e-6. */
  readonly minimumStep?: number
  /** Default 50. */
  readonly maximumStep?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link rpropRule}. */
export interface RpropSettings extends RuleSettings {
  readonly decrease: number
  readonly increase: number
  readonly minimumStep: number
  readonly maximumStep: number
  readonly maximize: boolean
}

/** The gradient of the step before, 0 where the sign had changed, and the step of every element. */
export type RpropState = { readonly previous: Tensor; readonly stepSize: Tensor }

/**
 * The rule of {@link Rprop}, as PyTorch has it: for each element, with g = dW and the gradient p of the step before,
 *
 *     s ← s η⁺ when g p > 0,  s η⁻ when g p < 0,  kept in [minimumStep, maximumStep]
 *     g ← 0 when g p < 0
 *     W ← W − s sign(g)
 *     p ← g
 *
 * Signs decide: as a function of the gradient it is constant wherever it is differentiable.
 */
export const rpropRule: UpdateRule<RpropState, RpropSettings> = {
  init: (parameter, { learningRate }) => ({
    previous: zerosLike(parameter),
    stepSize: full(parameter.shape, learningRate, { dtype: parameter.dtype }),
  }),
  update: ({ value, gradient, state, settings }) => {
    const { decrease, increase, minimumStep, maximumStep, maximize } = settings
    const g = maximize ? mul(gradient, -1) : gradient
    const agreement = mul(sign(g), sign(state.previous))
    const turned = less(agreement, 0)
    const grown = where(greater(agreement, 0), mul(state.stepSize, increase), state.stepSize)
    const adapted = where(turned, mul(state.stepSize, decrease), grown)
    const stepSize = minimum(maximum(adapted, minimumStep), maximumStep)
    const previous = where(turned, 0, g)
    return { value: sub(value, mul(sign(previous), stepSize)), state: { previous, stepSize } }
  },
  problem: ({ decrease, increase, minimumStep, maximumStep }) =>
    !(decrease > 0 && decrease < 1 && increase > 1)
      ? `decrease must be between 0 and 1 and increase above 1, got ${decrease} and ${increase}.`
      : minimumStep > maximumStep
        ? `minimumStep is ${minimumStep}, above maximumStep, which is ${maximumStep}.`
        : undefined,
}

const DEFAULTS: RpropSettings = {
  learningRate: 0.01,
  decrease: 0.5,
  increase: 1.2,
  minimumStep: 1e-6,
  maximumStep: 50,
  maximize: false,
}

/**
 * Follows the signs of the gradient alone, with a step for every element that grows while the sign stays and shrinks when it
 * turns; for whole batches, see {@link rpropRule}. Riedmiller and Braun, A direct adaptive method for faster backpropagation
 * learning: the RPROP algorithm, 1993. The learning rate is that of the first step only.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Rprop } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new Rprop([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -1.5]
 * ```
 */
export class Rprop extends Optimizer<RpropState, RpropSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<RpropSettings>, options: RpropOptions = {}) {
    super('Rprop', parameters, rpropRule, DEFAULTS, options)
  }
}
