/** Parameters that share their settings, and the one door through which these change. */

import type { Parameter } from '@adjoint/core/functional'
import { expectUntraced } from '../module/expectUntraced.ts'
import type { RuleSettings } from './rule.ts'

/** A group as it is given to an optimizer: its parameters, and the settings in which it differs from the others. */
export type GroupOptions<Settings extends RuleSettings> = Partial<Settings> & {
  readonly parameters: Iterable<Parameter>
}

/** What an optimizer updates: parameters, or groups of parameters with settings of their own. */
export type Updatable<Settings extends RuleSettings> = Iterable<Parameter> | Iterable<GroupOptions<Settings>>

/**
 * Parameters of an optimizer that share their settings; `optimizer.groups` has them. Settings may change between steps,
 * and are checked when they do.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { SGD } from '@adjoint/nn'
 * const [w, v] = [new Parameter(tensor([1])), new Parameter(tensor([2]))]
 * const optimizer = new SGD(
 *   [{ parameters: [w], weightDecay: 0.1 }, { parameters: [v], learningRate: 0.01 }],
 *   { learningRate: 0.1 },
 * )
 * optimizer.groups.map(({ learningRate }) => learningRate) // => [0.1, 0.01]
 * optimizer.groups[1]!.learningRate = 0.001
 * optimizer.groups[0]!.change({ weightDecay: 0, momentum: 0.9 })
 * optimizer.groups[0]!.settings.momentum // => 0.9
 * ```
 */
export class ParameterGroup<Settings extends RuleSettings = RuleSettings> {
  readonly parameters: readonly Parameter[]
  /** Checks settings, and puts the defaults where there are none. */
  readonly complete: (settings: Partial<Settings>) => Settings
  #settings: Settings

  constructor(
    parameters: readonly Parameter[],
    settings: Partial<Settings>,
    complete: (settings: Partial<Settings>) => Settings,
  ) {
    this.parameters = parameters
    this.complete = complete
    this.#settings = complete(settings)
  }

  /** The settings of the next step. */
  get settings(): Readonly<Settings> {
    return this.#settings
  }

  /** The rate of the next step; may be changed at any time. */
  get learningRate(): number {
    return this.#settings.learningRate
  }

  set learningRate(learningRate: number) {
    this.change({ learningRate } as Partial<Settings>)
  }

  /**
   * Changes some of the settings from the next step on.
   *
   * @throws ArgumentError for settings that are unknown or out of range; nothing is changed then. GraphError while a function
   * is traced.
   */
  change(changes: Partial<Settings>): void {
    expectUntraced(
      'optimizer',
      'its settings change between the calls of a traced function, not in it: the learning rate is read before every run, and ' +
        'a Scheduler may step in it.',
    )
    this.#settings = this.complete({ ...this.#settings, ...changes })
  }
}
