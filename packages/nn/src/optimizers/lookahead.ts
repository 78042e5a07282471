import { currentTracing, type Tracing } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  mul,
  noGrad,
  type Parameter,
  sub,
  type Tensor,
  where,
} from '@adjoint/core/functional'
import type { SavedTensor } from '../module/savedTensor.ts'
import { settingsOf } from './options.ts'
import { type AverageState, ParameterAverage } from './parameterAverage.ts'

/** What {@link Lookahead} wraps: any optimizer of this package that steps without a closure. */
export interface Steppable {
  readonly groups: readonly { readonly parameters: readonly Parameter[] }[]
  step(): void
}

/** Settings of {@link Lookahead}. */
export interface LookaheadOptions {
  /** Number of fast steps for each slow one. Default 5. */
  readonly every?: number
  /** How far the slow values go towards the fast ones. Default 0.5. */
  readonly share?: number
}

const DEFAULTS: Required<LookaheadOptions> = { every: 5, share: 0.5 }

/**
 * Slow values behind those of another optimizer: after every k of its steps,
 *
 *     S ← S + share (W − S),  W ← S
 *
 * Zhang and others, Lookahead optimizer: k steps forward, 1 step back, 2019.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { Lookahead, SGD } from '@adjoint/nn'
 * const w = new Parameter(tensor(8))
 * const optimizer = new Lookahead(new SGD([w], { learningRate: 0.25 }), { every: 2 })
 * for (let step = 0; step < 2; step++) {
 *   w.square().backward()
 *   optimizer.step()
 * }
 * w.item() // => 5
 * ```
 */
export class Lookahead {
  readonly optimizer: Steppable
  readonly #slow: ParameterAverage
  readonly #every: number
  readonly #share: number
  #steps = 0

  /** @throws ArgumentError for settings that are unknown or out of range. */
  constructor(optimizer: Steppable, options: LookaheadOptions = {}) {
    const { every, share } = settingsOf('Lookahead', options, DEFAULTS)
    if (!Number.isInteger(every) || every < 1 || share > 1) {
      const message = `every must be a whole number from 1 up and share at most 1, got ${every} and ${share}.`
      throw new ArgumentError('Lookahead', message)
    }
    this.optimizer = optimizer
    this.#every = every
    this.#share = share
    const parameters = optimizer.groups.flatMap(group => group.parameters)
    this.#slow = new ParameterAverage('Lookahead', parameters, () => share)
  }

  /** A step of the optimizer, and after every so many of them a slow one. */
  step(): void {
    this.optimizer.step()
    const tracing = currentTracing()
    if (tracing !== undefined) {
      noGrad(() => this.#trace(tracing))
      return
    }
    if (++this.#steps % this.#every !== 0) return
    this.#slow.update()
    this.#slow.apply()
  }

  /** The same in a program, which is one for all steps: the values are chosen between. */
  #trace(tracing: Tracing): void {
    tracing.beforeRun(
      () => {
        this.#steps++
      },
      () => {
        this.#steps--
      },
    )
    const isSlow = tracing.hosted([], 'bool', (storage, offset) => {
      storage[offset] = this.#steps % this.#every === 0 ? 1 : 0
    })
    for (const [i, slow] of this.#slow.cells.entries()) {
      const fast = this.#slow.parameters[i]!
      const moved = this.#share === 1 ? fast : add(slow, mul(sub(fast, slow), this.#share))
      const [nextSlow, nextFast] = [where(isSlow, moved, slow), where(isSlow, moved, fast)]
      slow.assign(nextSlow)
      fast.assign(nextFast)
    }
  }

  /** The slow values and the number of steps, to be saved beside the state of the optimizer. */
  get state(): AverageState {
    return { ...this.#slow.state, updates: this.#steps }
  }

  /**
   * Goes on from a saved state, also when it went through JSON.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then.
   */
  loadState(state: AverageState<Tensor | SavedTensor>): void {
    this.#slow.loadState(state)
    this.#steps = state.updates
  }
}
