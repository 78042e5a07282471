import { ArgumentError } from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'
import { OptimizerStateError } from '../optimizers/state.ts'
import { expectWord, scheduleOptions } from './schedule.ts'
import type { Scheduled } from './scheduler.ts'

/** Settings of {@link ReduceOnPlateau}. */
export interface ReduceOnPlateauOptions {
  /** Whether a smaller or a larger metric is better. Default `'minimize'`. */
  readonly mode?: 'minimize' | 'maximize'
  /** What is left of the rate. Default 0.1. */
  readonly factor?: number
  /** How many steps without improvement are waited for. Default 10. */
  readonly patience?: number
  /** Less than this is no improvement. Default 1e-4. */
  readonly threshold?: number
  /** Whether the threshold is a share of the best metric, or a difference. Default `'relative'`. */
  readonly thresholdMode?: 'relative' | 'absolute'
  /** Number of steps after a reduction that do not count. Default 0. */
  readonly cooldown?: number
  /** The least rate; a list has one for each group. Default 0. */
  readonly minimum?: number | readonly number[]
  /** A smaller change of the rate is not made. Default 1e-8. */
  readonly epsilon?: number
}

/** What a {@link ReduceOnPlateau} remembers: plain data. The rates are in the state of the optimizer. */
export interface PlateauState {
  /** The best metric so far; null before the first. */
  readonly best: number | null
  /** Number of steps without improvement since the last one or the last reduction. */
  readonly waited: number
  /** Number of steps that still do not count. */
  readonly cooling: number
}

const DEFAULTS: Required<ReduceOnPlateauOptions> = {
  mode: 'minimize',
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: 'relative',
  cooldown: 0,
  minimum: [],
  epsilon: 1e-8,
}

/**
 * Reduces the learning rates when a metric does not get any better. It depends on what happens, so it is no function of the step
 * number. PyTorch's ReduceLROnPlateau: a metric m is better than the best one b when
 *
 *     m < b (1 − threshold)  or, absolute,  m < b − threshold        to minimize
 *     m > b (1 + threshold)  or, absolute,  m > b + threshold        to maximize
 *
 * and after more than `patience` steps without a better one, α ← max(α · factor, minimum). A metric that is NaN or infinite is
 * never better.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { ReduceOnPlateau, SGD } from '@adjoint/nn'
 * const optimizer = new SGD([new Parameter(tensor([1]))], { learningRate: 0.8 })
 * const plateau = new ReduceOnPlateau(optimizer, { factor: 0.5, patience: 1 })
 * const rates = [3, 2, 2, 2].map((loss) => {
 *   plateau.step(loss)
 *   return optimizer.learningRate
 * })
 * rates // => [0.8, 0.8, 0.8, 0.4]
 * ```
 */
export class ReduceOnPlateau {
  readonly optimizer: Scheduled
  readonly #settings: Required<ReduceOnPlateauOptions>
  #best: number | null = null
  #waited = 0
  #cooling = 0

  /** @throws ArgumentError for options that are unknown or out of range, and a factor from 1 up. */
  constructor(optimizer: Scheduled, options: ReduceOnPlateauOptions = {}) {
    const settings = scheduleOptions('ReduceOnPlateau', options, DEFAULTS)
    expectWord('ReduceOnPlateau', 'mode', settings.mode, ['minimize', 'maximize'])
    expectWord('ReduceOnPlateau', 'thresholdMode', settings.thresholdMode, ['relative', 'absolute'])
    if (settings.factor >= 1) {
      throw new ArgumentError('ReduceOnPlateau', `factor must be below 1, got ${settings.factor}.`)
    }
    const { minimum } = settings
    const least = typeof minimum === 'number' ? optimizer.groups.map(() => minimum) : minimum
    const isList = Array.isArray(least) && least.every(rate => Number.isFinite(rate) && rate >= 0)
    if (!isList || (options.minimum !== undefined && least.length !== optimizer.groups.length)) {
      const message = `minimum must be a rate from 0 up, or one for each of the ${optimizer.groups.length} groups.`
      throw new ArgumentError('ReduceOnPlateau', message)
    }
    this.optimizer = optimizer
    this.#settings = { ...settings, minimum: least }
  }

  /** Hears of the metric after an epoch, and reduces the rates when it is time. */
  step(metric: number): void {
    if (typeof metric !== 'number') {
      throw new ArgumentError('ReduceOnPlateau.step', `takes the metric, a number; got ${shown(metric)}.`)
    }
    const { patience, cooldown } = this.#settings
    if (this.#isBetter(metric)) {
      this.#best = metric
      this.#waited = 0
    } else this.#waited++
    if (this.#cooling > 0) {
      this.#cooling--
      this.#waited = 0
    }
    if (this.#waited <= patience) return
    this.#reduce()
    this.#cooling = cooldown
    this.#waited = 0
  }

  /** What is remembered, to be saved beside the state of the optimizer. */
  get state(): PlateauState {
    return { best: this.#best, waited: this.#waited, cooling: this.#cooling }
  }

  /**
   * Goes on from a saved state, also when it went through JSON. The rates are those of the optimizer.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then.
   */
  loadState(state: PlateauState): void {
    const { best, waited, cooling } = Object(state) as { readonly [Key in keyof PlateauState]?: unknown }
    const problems: string[] = []
    if (best !== null && !Number.isFinite(best))
      problems.push(`best is ${shown(best)}, needed is a number or null`)
    for (const [key, value] of Object.entries({ waited, cooling })) {
      if (Number.isSafeInteger(value) && (value as number) >= 0) continue
      problems.push(`${key} is ${shown(value)}, needed is a whole number from 0 up`)
    }
    if (problems.length > 0) throw new OptimizerStateError('ReduceOnPlateau.loadState', problems)
    this.#best = best as number | null
    this.#waited = waited as number
    this.#cooling = cooling as number
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#settings
    const best = this.#best
    if (!Number.isFinite(metric)) return false
    if (best === null) return true
    const sign = mode === 'minimize' ? -1 : 1
    const bar = thresholdMode === 'relative' ? best * (1 + sign * threshold) : best + sign * threshold
    return mode === 'minimize' ? metric < bar : metric > bar
  }

  #reduce(): void {
    const { factor, minimum, epsilon } = this.#settings
    for (const [i, group] of this.optimizer.groups.entries()) {
      const old = group.settings.learningRate
      const rate = Math.max(old * factor, (minimum as readonly number[])[i] ?? 0)
      if (old - rate > epsilon) group.change({ learningRate: rate })
    }
  }
}
