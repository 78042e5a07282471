/** What an update rule is: a pure function of values and gradients, written with ops. */

import { add, type DType, mul, type Tensor } from '@adjoint/core/functional'

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
  /** Set in a step that is traced: where {@link stepNumber} and {@link stepPhase} come from before every run. */
  readonly live?: LiveStep<Settings>
}

/** What a plain value of a step is made of. */
export type StepReader<Settings extends RuleSettings, Value> = (settings: Settings, step: number) => Value

/** Plain values of a step that is traced once and runs many times. */
export interface LiveStep<Settings extends RuleSettings> {
  number(read: StepReader<Settings, number>, dtype: DType): Tensor<[]>
  phase<Value>(read: StepReader<Settings, Value>): Value
}

/**
 * A number that changes from step to step, because the learning rate does or because the steps are counted: a plain number,
 * and in a step that is traced a 0-d tensor that holds it anew in every run. Rules that say so are the same in both.
 *
 * Readers that are constants of their module are asked once for all parameters of a group.
 *
 * @param dtype of what the number is combined with; default that of the parameter
 * @example
 * ```ts
 * import { mul, sub } from '@adjoint/core'
 * import { stepNumber, type UpdateRule } from '@adjoint/nn'
 * const halving: UpdateRule<{}, { learningRate: number }> = {
 *   init: () => ({}),
 *   update: inputs => {
 *     const rate = stepNumber(inputs, ({ learningRate }, step) => learningRate / 2 ** step)
 *     return { value: sub(inputs.value, mul(inputs.gradient, rate)), state: inputs.state }
 *   },
 * }
 * ```
 */
export function stepNumber<Settings extends RuleSettings>(
  inputs: StepInputs<Settings>,
  read: StepReader<Settings, number>,
  dtype: DType = inputs.value.dtype,
): number | Tensor<[]> {
  const { live } = inputs
  return live === undefined ? read(inputs.settings, inputs.step) : live.number(read, dtype)
}

/**
 * Something that a rule branches on and that depends on the step or on the learning rate. A step that is traced takes the
 * branch of the present one, and is traced again when it is another one: for what changes rarely.
 */
export function stepPhase<Settings extends RuleSettings, Value extends boolean | number | string>(
  inputs: StepInputs<Settings>,
  read: StepReader<Settings, Value>,
): Value {
  const { live } = inputs
  return live === undefined ? read(inputs.settings, inputs.step) : live.phase(read)
}

type StepInputs<Settings extends RuleSettings> = Pick<
  UpdateInputs<Slots, Settings>,
  'value' | 'settings' | 'step' | 'live'
>

/** α, for {@link stepNumber}. */
export const learningRateOf = ({ learningRate }: RuleSettings): number => learningRate

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

/** 1 − α λ: what decoupled weight decay leaves of a parameter. */
export const shareAfterDecay = ({ learningRate, weightDecay }: DescentSettings): number =>
  1 - learningRate * weightDecay
