import {
  add,
  div,
  greater,
  logicalAnd,
  mul,
  norm,
  sqrt,
  square,
  sub,
  type Tensor,
  where,
  zerosLike,
} from '@adjoint/core/functional'
import { shareOfSquares } from './adam.ts'
import type { Updatable } from './group.ts'
import { problemOfShares, runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, learningRateOf, stepNumber, type UpdateRule } from './rule.ts'

/** Settings of {@link LAMB}. */
export interface LAMBOptions {
  /** Default 0.001. */
  readonly learningRate?: number
  /** How much of the mean gradient is kept from step to step. Default 0.9. */
  readonly beta1?: number
  /** How much of the mean squared gradient is kept from step to step. Default 0.999. */
  readonly beta2?: number
  /** Keeps the quotient finite where gradients are 0. Default 1e-6. */
  readonly epsilon?: number
  /** Adds this times the parameter to the direction. Default 0. */
  readonly weightDecay?: number
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link lambRule}. */
export interface LAMBSettings extends DescentSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
}

/** The running means of the gradient and of its square. */
export type LAMBState = { readonly mean: Tensor; readonly square: Tensor }

/**
 * The rule of {@link LAMB}: in step t, with g = dW and the weight decay λ,
 *
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²
 *     r = (m / (1 − β₁ᵗ)) / (√(v / (1 − β₂ᵗ)) + ε) + λ W
 *     W ← W − α ‖W‖ / ‖r‖ · r,  where the quotient counts as 1 when one of the norms is 0
 */
export const lambRule: UpdateRule<LAMBState, LAMBSettings> = {
  init: parameter => {
    const start = zerosLike(parameter)
    return { mean: start, square: start }
  },
  update: inputs => {
    const { value, gradient, state, settings } = inputs
    const { beta1, beta2, epsilon, weightDecay, maximize } = settings
    const g = maximize ? mul(gradient, -1) : gradient
    const m = runningMean(state.mean, g, beta1)
    const v = runningMean(state.square, square(g), beta2)
    const denominator = add(sqrt(div(v, stepNumber(inputs, shareOfSquares))), epsilon)
    const ratio = div(div(m, stepNumber(inputs, shareOfMean)), denominator)
    const direction = weightDecay === 0 ? ratio : add(ratio, mul(value, weightDecay))
    const [size, length] = [norm(value), norm(direction)]
    const areBoth = logicalAnd(greater(size, 0), greater(length, 0))
    const trust = where(areBoth, div(size, where(areBoth, length, 1)), 1)
    const next = sub(value, mul(direction, mul(trust, stepNumber(inputs, learningRateOf))))
    return { value: next, state: { mean: m, square: v } }
  },
  problem: settings => problemOfShares(settings, ['beta1', 'beta2']),
}

/** 1 − β₁ᵗ */
const shareOfMean = ({ beta1 }: LAMBSettings, step: number): number => 1 - beta1 ** step

const DEFAULTS: LAMBSettings = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-6,
  weightDecay: 0,
  maximize: false,
}

/**
 * Adam whose step is scaled to the norm of each parameter, for large batches; see {@link lambRule}. You and others, Large
 * batch optimization for deep learning: training BERT in 76 minutes, 2020; φ is the identity.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { LAMB } from '@adjoint/nn'
 * const w = new Parameter(tensor([4, 4]), 'w')
 * const optimizer = new LAMB([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [2, 2]
 * ```
 */
export class LAMB extends Optimizer<LAMBState, LAMBSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<LAMBSettings>, options: LAMBOptions = {}) {
    super('LAMB', parameters, lambRule, DEFAULTS, options)
  }
}
