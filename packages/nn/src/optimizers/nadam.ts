import {
  add,
  cast,
  div,
  full,
  mul,
  sqrt,
  square,
  sub,
  type Tensor,
  zerosLike,
} from '@adjoint/core/functional'
import { shareOfSquares } from './adam.ts'
import type { Updatable } from './group.ts'
import { problemOfShares, runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link NAdam}. */
export interface NAdamOptions {
  /** Default 0.002. */
  readonly learningRate?: number
  /** How much of the mean gradient is kept from step to step. Default 0.9. */
  readonly beta1?: number
  /** How much of the mean squared gradient is kept from step to step. Default 0.999. */
  readonly beta2?: number
  /** Keeps the quotient finite where gradients are 0. Default 1e-8. */
  readonly epsilon?: number
  /** Adds this times the parameter to its gradient. Default 0. */
  readonly weightDecay?: number
  /** How fast the momentum approaches beta1 from half of it. Default 0.004. */
  readonly momentumDecay?: number
  /** Compute Πₜ₊₁ as PyTorch did up to 1.13: as Πₜ μₜ μₜ₊₁, in single precision. Default false. */
  readonly legacyProduct?: boolean
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link nadamRule}. */
export interface NAdamSettings extends DescentSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly momentumDecay: number
  readonly legacyProduct: boolean
}

/** The running means of the gradient and of its square, and the product of all μ so far, a 0-d tensor. */
export type NAdamState = { readonly mean: Tensor; readonly square: Tensor; readonly momentumProduct: Tensor }

/**
 * The rule of {@link NAdam}, as PyTorch has it since 2.0: in step t, with g = dW + λ W and the momentum decay ψ,
 *
 *     μₜ = β₁ (1 − ½ · 0.96^(t ψ)),  Πₜ = μ₁ μ₂ ⋯ μₜ
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²
 *     W ← W − α (1 − μₜ) / (1 − Πₜ) · g / (√(v / (1 − β₂ᵗ)) + ε)
 *           − α μₜ₊₁ / (1 − Πₜ₊₁) · m / (√(v / (1 − β₂ᵗ)) + ε)
 */
export const nadamRule: UpdateRule<NAdamState, NAdamSettings> = {
  init: (parameter, { legacyProduct }) => {
    const start = zerosLike(parameter)
    const dtype = legacyProduct ? 'float32' : parameter.dtype
    return { mean: start, square: start, momentumProduct: full([], 1, { dtype }) }
  },
  update: inputs => {
    const { value, state, settings } = inputs
    const { beta1, beta2, epsilon, legacyProduct } = settings
    const { dtype } = state.momentumProduct
    const now = stepNumber(inputs, momentumAt, dtype)
    const next = stepNumber(inputs, nextMomentum, dtype)
    const g = descent(inputs)
    const m = runningMean(state.mean, g, beta1)
    const v = runningMean(state.square, square(g), beta2)
    const product = mul(state.momentumProduct, now)
    const denominator = add(sqrt(div(v, stepNumber(inputs, shareOfSquares))), epsilon)
    const ahead = mul(legacyProduct ? mul(product, now) : product, next)
    const ofGradient = div(stepNumber(inputs, rateOfGradient), sub(1, cast(product, value.dtype)))
    const ofMean = div(stepNumber(inputs, rateOfMean), sub(1, cast(ahead, value.dtype)))
    const change = add(mul(div(g, denominator), ofGradient), mul(div(m, denominator), ofMean))
    return { value: sub(value, change), state: { mean: m, square: v, momentumProduct: product } }
  },
  problem: settings => problemOfShares(settings, ['beta1', 'beta2']),
}

/** μₜ */
const momentumAt = ({ beta1, momentumDecay }: NAdamSettings, t: number): number =>
  beta1 * (1 - 0.5 * 0.96 ** (t * momentumDecay))

/** μₜ₊₁ */
const nextMomentum = (settings: NAdamSettings, t: number): number => momentumAt(settings, t + 1)

/** α (1 − μₜ) */
const rateOfGradient = (settings: NAdamSettings, t: number): number =>
  settings.learningRate * (1 - momentumAt(settings, t))

/** α μₜ₊₁ */
const rateOfMean = (settings: NAdamSettings, t: number): number =>
  settings.learningRate * nextMomentum(settings, t)

const DEFAULTS: NAdamSettings = {
  learningRate: 2e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  legacyProduct: false,
  maximize: false,
}

/**
 * Adam with Nesterov's look ahead, and a momentum that grows over the steps; see {@link nadamRule}. Dozat, Incorporating
 * Nesterov momentum into Adam, 2016. The numbers are those of PyTorch since 2.0; runs of 1.13 and before are repeated with
 * `legacyProduct: true`, which counts the mean a little less in the first ten steps or so.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { NAdam } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]), 'w')
 * const optimizer = new NAdam([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -1.5]
 * ```
 */
export class NAdam extends Optimizer<NAdamState, NAdamSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<NAdamSettings>, options: NAdamOptions = {}) {
    super('NAdam', parameters, nadamRule, DEFAULTS, options)
  }
}
