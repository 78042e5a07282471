/** What an update rule is: a pure function of values and gradients, written with ops. */

import type { Tensor } from '@adjoint/core/functional'

/** What a rule remembers of one parameter from step to step, by name: each in the shape of the parameter. */
export type Slots = Readonly<Record<string, Tensor>>

/** What every rule's settings have. */
export interface RuleSettings {
  readonly learningRate: number
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
}
