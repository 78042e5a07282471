/** The one class that walks over parameters and applies an update rule to each. */

import { ArgumentError, GraphError, noGrad, Parameter, type Tensor } from '@adjoint/core/functional'
import type { SavedTensor } from '../module/savedTensor.ts'
import { shown } from '../module/shown.ts'
import { expectSetting } from './options.ts'
import type { RuleSettings, Slots, UpdateRule } from './rule.ts'
import { type OptimizerState, readState } from './state.ts'

/** A parameter with what belongs to it. */
interface Entry<State extends Slots> {
  readonly parameter: Parameter
  step: number
  /** `undefined` before the first update. */
  state: State | undefined
  /** The gradient of the last update, which is not for another one. */
  used: Tensor | undefined
}

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
 * import { Optimizer, type UpdateRule } from '@adjoint/nn'
 * const signDescent: UpdateRule<{}, { learningRate: number }> = {
 *   init: () => ({}),
 *   update: ({ value, gradient, state, settings }) => ({
 *     value: sub(value, mul(sign(gradient), settings.learningRate)),
 *     state,
 *   }),
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
  readonly #entries: readonly Entry<State>[]
  #settings: Settings

  /**
   * @param name name for messages
   * @throws ArgumentError when there are no parameters, when one of them is not a Parameter, or for a learning rate that
   * is no finite number from 0 up.
   */
  constructor(
    name: string,
    parameters: Iterable<Parameter>,
    rule: UpdateRule<State, Settings>,
    settings: Settings,
  ) {
    this.name = name
    this.#rule = rule
    this.#entries = expectParameters(name, parameters).map(parameter => ({
      parameter,
      step: 0,
      state: undefined,
      used: undefined,
    }))
    this.#settings = settings
    this.learningRate = settings.learningRate
  }

  /** The rate of the next step; may be changed at any time. */
  get learningRate(): number {
    return this.#settings.learningRate
  }

  set learningRate(rate: number) {
    expectSetting(this.name, 'learningRate', rate)
    this.#settings = { ...this.#settings, learningRate: rate }
  }

  /**
   * Updates every parameter that `backward()` has left a gradient on since its last update; the others stay as they are.
   *
   * @throws GraphError when there is no such parameter.
   */
  step(): void {
    const updated = noGrad(() => this.#update())
    if (updated === 0) throw this.#noGradient()
  }

  /** Forgets the gradients, also those that would add up: the next `backward()` starts afresh. */
  zeroGrad(): void {
    for (const { parameter } of this.#entries) parameter.grad = null
  }

  /** What the optimizer remembers, to be saved; `JSON.stringify` writes it as text. Later steps do not change it. */
  get state(): OptimizerState {
    return {
      optimizer: this.name,
      learningRate: this.learningRate,
      parameters: this.#entries.map(({ parameter, step, state }) => ({
        name: String(parameter.name),
        step,
        slots: { ...state },
      })),
    }
  }

  /**
   * Goes on from a saved state, of an optimizer of the same kind over parameters of the same shapes in the same order;
   * also when it went through JSON. The state may come from anywhere: everything is checked before anything is changed.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then. ArgumentError when it is no object.
   */
  loadState(state: OptimizerState<Tensor | SavedTensor>): void {
    const wanted = this.#entries.map(({ parameter }) => this.#rule.init(parameter, this.#settings))
    const read = readState<State>(state, this.state, wanted)
    this.learningRate = state.learningRate
    this.#entries.forEach((entry, i) => {
      Object.assign(entry, read[i])
    })
  }

  /** Runs the rule where there is a fresh gradient, and says how often. */
  #update(): number {
    const { update, init } = this.#rule
    const settings = this.#settings
    let updated = 0
    for (const entry of this.#entries) {
      const { parameter } = entry
      const gradient = parameter.grad
      if (gradient === null || gradient === entry.used) continue
      const step = entry.step + 1
      const state = entry.state ?? init(parameter, settings)
      const next = update({ value: parameter, gradient, state, settings, step })
      parameter.assign(next.value)
      entry.state = next.state
      entry.step = step
      entry.used = gradient
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

function expectParameters(name: string, parameters: Iterable<Parameter>): Parameter[] {
  const isList = typeof Object(parameters)[Symbol.iterator] === 'function'
  const list = isList ? [...new Set(parameters)] : [parameters as unknown as Parameter]
  if (list.length === 0) throw new ArgumentError(name, 'got no parameters; there is nothing to learn.')
  const stranger = list.findIndex(parameter => !(parameter instanceof Parameter))
  if (stranger < 0) return list
  const found = (isList ? `entry ${stranger} is ` : 'got ') + shown(list[stranger])
  throw new ArgumentError(name, `takes a list of parameters, as parameters(model) gives it; ${found}.`)
}
