import { add, div, mul, sqrt, square, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import { correctedRate, shareOfSquares } from './adam.ts'
import type { Updatable } from './group.ts'
import { problemOfShares, runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, stepNumber, stepPhase, type UpdateRule } from './rule.ts'

/** Settings of {@link RAdam}. */
export interface RAdamOptions {
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
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link radamRule}. */
export interface RAdamSettings extends DescentSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/** The running means of the gradient and of its square. */
export type RAdamState = { readonly mean: Tensor; readonly square: Tensor }

/**
 * The rule of {@link RAdam}, as PyTorch has it: in step t, with g = dW + λ W,
 *
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²
 *     m̂ = m / (1 − β₁ᵗ),  ρ∞ = 2 / (1 − β₂) − 1,  ρ = ρ∞ − 2 t β₂ᵗ / (1 − β₂ᵗ)
 *     r = √( (ρ − 4) (ρ − 2) ρ∞ / ((ρ∞ − 4) (ρ∞ − 2) ρ) )
 *     W ← W − α m̂ r √(1 − β₂ᵗ) / (√v + ε)  when ρ > 5,  otherwise  W − α m̂
 */
export const radamRule: UpdateRule<RAdamState, RAdamSettings> = {
  init: parameter => {
    const start = zerosLike(parameter)
    return { mean: start, square: start }
  },
  update: inputs => {
    const { value, state, settings } = inputs
    const { beta1, beta2, epsilon } = settings
    const g = descent(inputs)
    const m = runningMean(state.mean, g, beta1)
    const v = runningMean(state.square, square(g), beta2)
    const isRectified = stepPhase(inputs, (settings, step) => lengthOf(settings, step) > 5)
    // So few squares at first that their mean says nothing of the step size yet.
    const change = isRectified
      ? mul(div(m, add(sqrt(v), epsilon)), stepNumber(inputs, rectifiedRate))
      : mul(m, stepNumber(inputs, correctedRate))
    return { value: sub(value, change), state: { mean: m, square: v } }
  },
  problem: settings => problemOfShares(settings, ['beta1', 'beta2']),
}

/** ρ∞ */
const limitOf = ({ beta2 }: RAdamSettings): number => 2 / (1 - beta2) - 1

/** ρ */
const lengthOf = (settings: RAdamSettings, t: number): number =>
  limitOf(settings) - (2 * t * settings.beta2 ** t) / shareOfSquares(settings, t)

/** α r √(1 − β₂ᵗ) / (1 − β₁ᵗ) */
function rectifiedRate(settings: RAdamSettings, t: number): number {
  const [limit, length] = [limitOf(settings), lengthOf(settings, t)]
  const rectification = Math.sqrt(
    ((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length),
  )
  return correctedRate(settings, t) * rectification * Math.sqrt(shareOfSquares(settings, t))
}

const DEFAULTS: RAdamSettings = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  maximize: false,
}

/**
 * Adam that warms itself up: while the mean square rests on too few gradients, it is plain momentum; see {@link radamRule}.
 * Liu and others, On the variance of the adaptive learning rate and beyond, 2020.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { RAdam } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new RAdam([w], { learningRate: 0.125 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.75, -1.5]
 * ```
 */
export class RAdam extends Optimizer<RAdamState, RAdamSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<RAdamSettings>, options: RAdamOptions = {}) {
    super('RAdam', parameters, radamRule, DEFAULTS, options)
  }
}
