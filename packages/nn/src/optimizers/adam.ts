import { add, div, maximum, mul, sqrt, square, sub, type Tensor, zerosLike } from '@adjoint/core/functional'
import type { Updatable } from './group.ts'
import { problemOfShares, runningMean } from './means.ts'
import { Optimizer } from './optimizer.ts'
import { type DescentSettings, descent, stepNumber, type UpdateInputs, type UpdateRule } from './rule.ts'

/** Settings of {@link Adam}. */
export interface AdamOptions {
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
  /** Divides by the largest mean square so far, not by the present one: a step size never grows again. Default false. */
  readonly amsgrad?: boolean
  /** Climb in the place of descending. Default false. */
  readonly maximize?: boolean
}

/** All settings of {@link adamRule}. */
export interface AdamSettings extends DescentSettings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly amsgrad: boolean
}

/** The running means of the gradient and of its square, and the largest of these squares with amsgrad. */
export type AdamState = { readonly mean: Tensor; readonly square: Tensor; readonly largestSquare?: Tensor }

/**
 * The rule of {@link Adam}, as PyTorch has it: in step t, with g = dW + λ W,
 *
 *     m ← β₁ m + (1 − β₁) g
 *     v ← β₂ v + (1 − β₂) g²
 *     u ← v,  or with amsgrad  max(u, v)
 *     W ← W − α / (1 − β₁ᵗ) · m / (√u / √(1 − β₂ᵗ) + ε)
 */
export const adamRule: UpdateRule<AdamState, AdamSettings> = {
  init: (parameter, { amsgrad }) => {
    const start = zerosLike(parameter)
    const state = { mean: start, square: start }
    return amsgrad ? { ...state, largestSquare: start } : state
  },
  update: inputs => adamUpdate(inputs.value, descent(inputs), inputs),
  problem: settings => problemOfShares(settings, ['beta1', 'beta2']),
}

/** One step of Adam from `value` with the gradient g. */
export function adamUpdate(
  value: Tensor,
  g: Tensor,
  inputs: UpdateInputs<AdamState, AdamSettings>,
): { readonly value: Tensor; readonly state: AdamState } {
  const { state, settings } = inputs
  const { beta1, beta2, epsilon, amsgrad } = settings
  const m = runningMean(state.mean, g, beta1)
  const v = runningMean(state.square, square(g), beta2)
  const u = amsgrad ? maximum(state.largestSquare ?? v, v) : v
  const denominator = add(div(sqrt(u), stepNumber(inputs, rootOfShare)), epsilon)
  const next = { mean: m, square: v }
  return {
    value: sub(value, mul(div(m, denominator), stepNumber(inputs, correctedRate))),
    state: amsgrad ? { ...next, largestSquare: u } : next,
  }
}

/** α / (1 − β₁ᵗ): the zeros at the start take βᵗ of a running mean. */
export const correctedRate = (
  { learningRate, beta1 }: { readonly learningRate: number; readonly beta1: number },
  step: number,
): number => learningRate / (1 - beta1 ** step)

/** 1 − β₂ᵗ */
export const shareOfSquares = ({ beta2 }: { readonly beta2: number }, step: number): number =>
  1 - beta2 ** step

/** √(1 − β₂ᵗ) */
const rootOfShare = (settings: AdamSettings, step: number): number =>
  Math.sqrt(shareOfSquares(settings, step))

const DEFAULTS: AdamSettings = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
}

/**
 * Adam: every element has a step size of its own, from running means of its gradient and of its square; see
 * {@link adamRule}. Kingma and Ba, Adam: a method for stochastic optimization, 2015; amsgrad: Reddi, Kale and Kumar, On the
 * convergence of Adam and beyond, 2018. Weight decay is added to the gradient, as in PyTorch's Adam; `AdamW` takes it
 * from the parameter.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Adam } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -100]), 'w')
 * const optimizer = new Adam([w], { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [0.5, -99.5]
 * ```
 */
export class Adam extends Optimizer<AdamState, AdamSettings> {
  /**
   * @param parameters what to update, as from `parameters(model)`, or groups with settings of their own
   * @throws ArgumentError for settings that are unknown or out of range; see {@link Optimizer}.
   */
  constructor(parameters: Updatable<AdamSettings>, options: AdamOptions = {}) {
    super('Adam', parameters, adamRule, DEFAULTS, options)
  }
}
