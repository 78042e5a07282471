import { add, mul, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, stepNumber, stepPhase, type UpdateRule } from './rule.ts'

/** Settings of {@link ASGD}. */
export interface ASGDOptions {
  /** Default 0.01. */
  readonly learningRate?: number
  /** λ of the shrinking rate, `lambd` in PyTorch. Default 1e-4. */
  readonly decayTerm?: number
  /** How fast the rate shrinks, `alpha` in PyTorch. Default 0.75. */
  readonly power?: number
  /** The number of steps before the mean begins, `t0` in PyTorch. Default 1e6. */
  readonly averageFrom?: number
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link asgdRule}. */
export interface ASGDSettings extends DescentSettings {
  readonly decayTerm: number
  readonly power: number
  readonly averageFrom: number
}

/** The mean of the values; before it begins, the values themselves. */
export type ASGDState = { readonly average: Tensor }

/**
 * The rule of {@link ASGD}, as PyTorch has it: in step t, with g = dW + weightDecay · W,
 *
 *     η = α / (1 + λ α (t − 1))^power
 *     W ← (1 − λ η) W − η g
 *     a ← a + (W − a) / max(1, t − 1 − averageFrom)
 *
 * PyTorch uses the rate α of the step before in η; the two differ only while a schedule changes it.
 */
export const asgdRule: UpdateRule<ASGDState, ASGDSettings> = {
  init: parameter => ({ average: zerosLike(parameter) }),
  update: inputs => {
    const { value, state } = inputs
    const kept = mul(value, stepNumber(inputs, shareOfValue))
    const next = sub(kept, mul(descent(inputs), stepNumber(inputs, shrunkRate)))
    const isAveraging = stepPhase(inputs, (settings, step) => shareOfNext(settings, step) < 1)
    const average = isAveraging
      ? add(state.average, mul(sub(next, state.average), stepNumber(inputs, shareOfNext)))
      : next
    return { value: next, state: { average } }
  },
}

/** η. In single precision, as PyTorch keeps it: the last digits of a rate do not matter, equal runs do. */
const shrunkRate = ({ learningRate, decayTerm, power }: ASGDSettings, step: number): number =>
  Math.fround(learningRate / (1 + decayTerm * learningRate * (step - 1)) ** power)

/** 1 − λ η */
const shareOfValue = (settings: ASGDSettings, step: number): number =>
  1 - settings.decayTerm * shrunkRate(settings, step)

/** What the newest values have of the mean. */
const shareOfNext = ({ averageFrom }: ASGDSettings, step: number): number =>
  1 / Math.max(1, step - 1 - averageFrom)

const DEFAULTS: ASGDSettings = {
  learningRate: 0.01,
  decayTerm: 1e-4,
  power: 0.75,
  averageFrom: 1e6,
  weightDecay: 0,
  maximize: false,
}

/**
 * Gradient descent that also keeps the mean of its values, the better estimate once it moves about a minimum; see
 * {@link asgdRule}. Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992. The means stand in
 * `optimizer.state.parameters[i].slots.average`; `StochasticWeightAverage` averages with any optimizer.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { ASGD } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new ASGD([w], { learningRate: 0.25, decayTerm: 0 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -1]
 * ```
 */
export class ASGD extends Optimizer<ASGDState, ASGDSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<ASGDSettings>, options: ASGDOptions = {}) {
    super('ASGD', parameters, asgdRule, DEFAULTS, options)
  }
}
