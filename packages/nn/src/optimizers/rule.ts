/** What an update rule is: a pure function of values and gradients, written with ops. */

import { add, mul, type Tensor } from '@adjoint/core/functional'

/** What a rule remembers of one parameter from step to step, by name: in the shape of the parameter, or 0-d. */
export type Slots = Readonly<Record<string, Tensor>>

/** What every rule's settings have. */
export interface RuleSettings {
  readonly learningRate: number
}

/** The settings that many rules share. */
export interface DescentSettings extends RuleSettings {
  /** Adds this times the parameter to its gradient. */
  readonly weightDecay: number
  /** Climb: the gradient counts negatively. */
  readonly maximize: boolean
}

/** One parameter at one step. */
export interface UpdateInputs<State extends Slots, Settings extends RuleSettings> {
  readonly value: Tensor
  readonly gradient: Tensor
  readonly state: State
  readonly settings: Settings
  /** Number of this update of the parameter, from 1 on. */
  readonly step: number
}

/** What a rule returns: the parameter's next values, and what to remember. */
export interface Updated<State extends Slots> {
  readonly value: Tensor
  readonly state: State
}

/** An update rule, without a parameter of its own and without side effects: made of ops, it can be differentiated. */
export interface UpdateRule<State extends Slots, Settings extends RuleSettings> {
  /** The state before the first step. */
  readonly init: (parameter: Tensor, settings: Settings) => State
  readonly update: (inputs: UpdateInputs<State, Settings>) => Updated<State>
  /** What is wrong with settings or parameters, when something is: the sentence of an error. */
  readonly problem?: (settings: Settings, parameters: readonly Tensor[]) => string | undefined
}

/** Where a rule begins: the gradient, negative to climb, and with λ W of the weight decay. */
export function descent<State extends Slots>({
  value,
  gradient,
  settings: { weightDecay, maximize },
}: UpdateInputs<State, DescentSettings>): Tensor {
  const g = maximize ? mul(gradient, -1) : gradient
  return weightDecay === 0 ? g : add(g, mul(value, weightDecay))
}
