/** The one class that walks over parameters and applies an update rule to each. */

import { ArgumentError, GraphError, noGrad, Parameter, stopGradient, type Tensor } from '@adjoint/core/functional'
import { isModule } from '../module/module.ts'
import type { RuleSettings, Slots, UpdateRule } from './rule.ts'
import { expectState, type OptimizerState } from './state.ts'

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
    this.learningRate = settings.learningRate as number
  }

  /** The rate of the next step; may be changed at any time. */
  get learningRate(): number {
    return this.#settings.learningRate as number
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

  /** What the optimizer remembers, to be saved. Later steps do not change it. */
  get state(): OptimizerState {
    return {
      learningRate: this.learningRate,
      parameters: this.#entries.map(({ parameter, step, state }) => ({
        name: String(parameter.name),
        step,
        slots: { ...state },
      })),
    }
  }

  /**
   * Goes on from a saved state, of an optimizer of the same kind over parameters of the same shapes in the same order.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then.
   */
  loadState(state: OptimizerState): void {
    const expected = this.#entries.map(({ parameter, step }) => ({
      name: String(parameter.name),
      step,
      slots: this.#rule.init(parameter, this.#settings),
    }))
    expectState(`${this.name}.loadState`, state, expected)
    this.learningRate = state.learningRate
    this.#entries.forEach((entry, i) => {
      const { step, slots } = state.parameters[i]!
      const detached = Object.entries(slots).map(([name, slot]) => [name, stopGradient(slot)])
      entry.step = step
      entry.state = step === 0 ? undefined : (Object.fromEntries(detached) as State)
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
      updated++
    }
    return updated
  }

  #noGradient(): GraphError {
    const names = this.#entries.map(({ parameter }) => `'${parameter.name}'`)
    const shown =
      names.length > 4 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')
    const stale = this.#entries.some(({ parameter }) => parameter.grad !== null)
    return new GraphError(
      `${this.name}.step`,
      stale
        ? `the gradients of ${shown} belong to values from before the last update. ` +
            'Compute the loss again and call backward() before every step.'
        : `none of ${shown} has a gradient; call backward() on a loss that is made of them first.`,
    )
  }
}

/** Checks a number that must be finite and at least 0 (and, with `below`, less than that). */
export function expectSetting(op: string, name: string, value: number, below: number = Infinity): number {
  if (Number.isFinite(value) && value >= 0 && value < below) return value
  const range = below === Infinity ? 'a finite number from 0 up' : `a number from 0 up and below ${below}`
  throw new ArgumentError(op, `${name} must be ${range}, got ${value}.`)
}

function expectParameters(name: string, parameters: Iterable<Parameter>): Parameter[] {
  if (
    isModule(parameters) ||
    typeof (parameters as Partial<typeof parameters> | null)?.[Symbol.iterator] !== 'function'
  ) {
    throw new ArgumentError(name, 'takes a list of parameters; of a model it is parameters(model).')
  }
  const list = [...new Set(parameters)]
  if (list.length === 0) throw new ArgumentError(name, 'got no parameters; there is nothing to learn.')
  const stranger = list.findIndex(parameter => !(parameter instanceof Parameter))
  if (stranger < 0) return list
  throw new ArgumentError(
    name,
    `entry ${stranger} is not a Parameter. Only parameters can be assigned: make it with new Parameter(tensor), or pass ` +
      'parameters(model).',
  )
}
