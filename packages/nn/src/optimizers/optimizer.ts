/** The one class that walks over parameters and applies an update rule to each. */

import { currentTracing } from '@adjoint/core/engine'
import { ArgumentError, GraphError, noGrad, type Tensor } from '@adjoint/core/functional'
import type { SavedTensor } from '../module/savedTensor.ts'
import { markApplied } from './applied.ts'
import { snapshot } from './cells.ts'
import { expectParameters, groupsOf } from './expectParameters.ts'
import { type GroupOptions, ParameterGroup, type Updatable } from './group.ts'
import { expectRecord, settingsOf } from './options.ts'
import type { RuleSettings, Slots, UpdateRule } from './rule.ts'
import { type OptimizerState, readState } from './state.ts'
import { type Entry, traceStep } from './tracedStep.ts'

/**
 * Applies an update rule to parameters, with the gradients that `backward()` left on them. `SGD` and `Adam` are this
 * class with a rule of theirs; a rule of your own works the same way.
 *
 * No `zeroGrad` is needed between steps: after an update, the next `backward()` replaces the gradients. Calls of
 * `backward()` without an update between them add up.
 *
 * @example
 * ```ts
 * import { mul, Parameter, sign, sub, tensor } from '@adjoint/core'
 * import { Optimizer, stepNumber, type UpdateRule } from '@adjoint/nn'
 * const signDescent: UpdateRule<{}, { learningRate: number }> = {
 *   init: () => ({}),
 *   update: inputs => {
 *     const rate = stepNumber(inputs, settings => settings.learningRate)
 *     return { value: sub(inputs.value, mul(sign(inputs.gradient), rate)), state: inputs.state }
 *   },
 * }
 * const w = new Parameter(tensor([3, -4]))
 * const optimizer = new Optimizer('signDescent', [w], signDescent, { learningRate: 0.5 })
 * w.square().sum().backward()
 * optimizer.step()
 * w.toArray() // => [2.5, -3.5]
 * ```
 */
export class Optimizer<State extends Slots = Slots, Settings extends RuleSettings = RuleSettings> {
  readonly name: string
  readonly #rule: UpdateRule<State, Settings>
  readonly #defaults: Settings
  readonly #options: Partial<Settings>
  readonly #groups: ParameterGroup<Settings>[] = []
  readonly #entries: Entry<State, Settings>[] = []

  /**
   * @param name name for messages
   * @param parameters what to update: a list, or groups of parameters with settings of their own
   * @param defaults every setting of the rule, by its name
   * @param options settings in the place of the defaults, for every group that says nothing else
   * @throws ArgumentError when there are no parameters, when one of them is not a Parameter or is in two groups, or for
   * settings that are unknown or out of range: numbers must be finite and from 0 up.
   */
  constructor(
    name: string,
    parameters: Updatable<Settings>,
    rule: UpdateRule<State, Settings>,
    defaults: Settings,
    options: Partial<Settings> = {},
  ) {
    this.name = name
    this.#rule = rule
    this.#defaults = defaults
    this.#options = expectRecord(name, options)
    for (const group of groupsOf(parameters)) this.addGroup(group)
  }

  /** The parameters with their settings, in groups; one, unless several were given. */
  get groups(): readonly ParameterGroup<Settings>[] {
    return this.#groups
  }

  /**
   * The rate of the next step; may be changed at any time, for all groups together.
   *
   * @throws ArgumentError when it is asked for and the groups have different ones.
   */
  get learningRate(): number {
    const [rate, ...others] = new Set(this.#groups.map(group => group.learningRate))
    if (others.length === 0) return rate!
    throw new ArgumentError(this.name, 'the groups have different rates; ask for groups[i].learningRate.')
  }

  set learningRate(rate: number) {
    for (const group of this.#groups) group.learningRate = rate
  }

  /**
   * Adds parameters, with settings of their own where they are given: a layer that is learned from now on.
   *
   * @throws ArgumentError as the constructor does, also for parameters that the optimizer has already.
   */
  addGroup({ parameters, ...settings }: GroupOptions<Settings>): void {
    const { name } = this
    const list = expectParameters(name, parameters)
    const known = list.find(parameter => this.#entries.some(entry => entry.parameter === parameter))
    if (known) throw new ArgumentError(name, `'${known.name}' is in two groups; a parameter has one rule.`)
    const complete = (changed: Partial<Settings>): Settings => {
      const found = settingsOf(name, changed, this.#defaults)
      const problem = this.#rule.problem?.(found, list)
      if (problem) throw new ArgumentError(name, problem)
      return found
    }
    const group = new ParameterGroup(
      list,
      { ...this.#options, ...(settings as unknown as Partial<Settings>) },
      complete,
    )
    this.#groups.push(group)
    for (const parameter of list)
      this.#entries.push({ parameter, group, step: 0, state: undefined, used: undefined, cells: undefined })
  }

  /**
   * Updates every parameter that `backward()` has left a gradient on since its last update; the others stay as they are. In
   * a function that is traced, the step is taken in every run of it, with the learning rate of that moment.
   *
   * @throws GraphError when there is no such parameter.
   */
  step(): void {
    const tracing = currentTracing()
    const updated = noGrad(() =>
      tracing === undefined ? this.#update() : traceStep(this.name, this.#rule, this.#entries, tracing),
    )
    if (updated === 0) throw this.#noGradient()
  }

  /** Forgets the gradients, also those that would add up: the next `backward()` starts afresh. */
  zeroGrad(): void {
    const tracing = currentTracing()
    const forget = (): void => {
      for (const { parameter } of this.#entries) parameter.grad = null
    }
    for (const { parameter } of this.#entries) tracing?.takePart(parameter)
    tracing?.beforeRun(forget)
    forget()
  }

  /** What the optimizer remembers, to be saved; `JSON.stringify` writes it as text. Later steps do not change it. */
  get state(): OptimizerState {
    return {
      optimizer: this.name,
      groups: this.#groups.map(({ settings, parameters }) => ({ settings, parameters: parameters.length })),
      parameters: this.#entries.map(({ parameter, step, state }) => ({
        name: String(parameter.name),
        step,
        slots: snapshot(state),
      })),
    }
  }

  /**
   * Goes on from a saved state, of an optimizer of the same kind over groups of parameters of the same shapes in the same
   * order; also when it went through JSON. The settings are those that were saved. The state may come from anywhere:
   * everything is checked before anything is changed.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then.
   */
  loadState(state: OptimizerState<Tensor | SavedTensor>): void {
    const { settings, entries } = readState<State, Settings>(state, this.state, this.#groups, this.#rule)
    for (const [i, group] of this.#groups.entries()) group.change(settings[i]!)
    for (const [i, entry] of this.#entries.entries()) Object.assign(entry, entries[i])
  }

  /** Runs the rule where there is a fresh gradient, and says how often. */
  #update(): number {
    const { update, init } = this.#rule
    let updated = 0
    for (const entry of this.#entries) {
      const { parameter } = entry
      const gradient = parameter.grad
      if (gradient === null || gradient === entry.used) continue
      const { settings } = entry.group
      const step = entry.step + 1
      const state = entry.state ?? init(parameter, settings)
      const next = update({ value: parameter, gradient, state, settings, step })
      parameter.assign(next.value)
      entry.state = next.state
      entry.step = step
      entry.used = gradient
      markApplied(parameter, gradient)
      // Used up: the next backward() replaces it, also that of a loss which was recorded before this step.
      parameter.gradTime = Number.NaN
      updated++
    }
    return updated
  }

  #noGradient(): GraphError {
    const more = this.#entries.length - 1
    const those = `'${this.#entries[0]!.parameter.name}'${more > 0 ? ` and ${more} more` : ''}`
    const stale = this.#entries.some(({ parameter }) => parameter.grad !== null)
    return new GraphError(
      `${this.name}.step`,
      stale
        ? `the gradients of ${those} belong to values from before the last update. ` +
            'Compute the loss again and call backward() before every step.'
        : `none of ${those} has a gradient; call backward() on a loss first.`,
    )
  }
}
