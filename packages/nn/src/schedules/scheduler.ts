import { currentTracing } from '@adjoint/core/engine'
import { ArgumentError } from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'
import { OptimizerStateError } from '../optimizers/state.ts'
import type { Schedule, SettingSchedules } from './schedule.ts'

/** A group of an optimizer, as far as schedules know it. */
export interface ScheduledGroup {
  readonly settings: { readonly learningRate: number }
  change(changes: object): void
}

/** An optimizer, as far as schedules know it: every one of this package. */
export interface Scheduled {
  readonly name: string
  readonly groups: readonly ScheduledGroup[]
}

/** What a {@link Scheduler} remembers: plain data. */
export interface SchedulerState {
  /** Number of steps so far. */
  readonly step: number
  /** For each group, the bases of its scheduled settings. */
  readonly bases: readonly Readonly<Record<string, number>>[]
}

/**
 * Walks a schedule over the groups of an optimizer. The settings that the groups have now are the bases; those of step 0 are set at
 * once.
 *
 * A schedule alone is one of the learning rate. Other settings are scheduled by name, `{ learningRate, weightDecay }`, and a list has
 * one entry for each group.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { cosineAnnealing, Scheduler, SGD } from '@adjoint/nn'
 * const w = new Parameter(tensor([1, -2]))
 * const optimizer = new SGD([w], { learningRate: 0.2 })
 * const scheduler = new Scheduler(optimizer, cosineAnnealing({ steps: 2 }))
 * const rates = [optimizer.learningRate]
 * for (let step = 0; step < 2; step++) {
 *   w.square().sum().backward()
 *   optimizer.step()
 *   scheduler.step()
 *   rates.push(optimizer.learningRate)
 * }
 * rates // => [0.2, 0.1, 0]
 * ```
 */
export class Scheduler {
  readonly optimizer: Scheduled
  readonly #schedules: readonly SettingSchedules[]
  #bases: readonly Readonly<Record<string, number>>[]
  #step = 0

  /**
   * @throws ArgumentError for what is no schedule, for a list of another length than that of the groups, and for a setting that the
   * optimizer does not have.
   */
  constructor(
    optimizer: Scheduled,
    schedule: Schedule | SettingSchedules | readonly (Schedule | SettingSchedules)[],
  ) {
    this.optimizer = optimizer
    const { groups } = optimizer
    const list = Array.isArray(schedule) ? schedule : groups.map(() => schedule)
    if (list.length !== groups.length) {
      const message = `got ${list.length} schedules for the ${groups.length} groups of ${optimizer.name}.`
      throw new ArgumentError('Scheduler', message)
    }
    this.#schedules = list.map(one =>
      expectSchedules(typeof one === 'function' ? { learningRate: one } : one),
    )
    this.#bases = groups.map(({ settings }, i) => basesOf(optimizer.name, settings, this.#schedules[i]!))
    this.#apply()
  }

  /** Number of steps so far. */
  get steps(): number {
    return this.#step
  }

  /** Goes on by a step. Call it after the step of the optimizer, once a batch or once an epoch. */
  step(): void {
    const advance = (): void => {
      this.#step++
      this.#apply()
    }
    const tracing = currentTracing()
    if (tracing === undefined) advance()
    else {
      tracing.beforeRun(advance, () => {
        this.#step--
        this.#apply()
      })
    }
  }

  /** What is remembered, to be saved beside the state of the optimizer. */
  get state(): SchedulerState {
    return { step: this.#step, bases: this.#bases }
  }

  /**
   * Goes on from a saved state, also when it went through JSON, and sets what belongs to its step.
   *
   * @throws OptimizerStateError when it does not fit; nothing is changed then.
   */
  loadState(state: SchedulerState): void {
    const { step, bases } = Object(state) as { readonly [Key in keyof SchedulerState]?: unknown }
    const problems: string[] = []
    if (!(Number.isSafeInteger(step) && (step as number) >= 0)) {
      problems.push(`step is ${shown(step)}, needed is a whole number from 0 up`)
    }
    const saved: readonly unknown[] = Array.isArray(bases) ? bases : []
    if (saved.length !== this.#bases.length) {
      problems.push(`the number of groups is ${saved.length}, needed is ${this.#bases.length}`)
    }
    const read = this.#bases.slice(0, saved.length).map((wanted, i) => {
      const found = Object(saved[i]) as Readonly<Record<string, unknown>>
      for (const key of Object.keys({ ...wanted, ...found })) {
        if (Object.hasOwn(wanted, key) && Number.isFinite(Object.hasOwn(found, key) ? found[key] : null))
          continue
        problems.push(
          `group ${i}: the base of '${key}' is ${shown(found[key])}, needed is ${shown(wanted[key])}`,
        )
      }
      return { ...found } as Record<string, number>
    })
    if (problems.length > 0) throw new OptimizerStateError('Scheduler.loadState', problems)
    this.#step = step as number
    this.#bases = read
    this.#apply()
  }

  #apply(): void {
    for (const [i, group] of this.optimizer.groups.entries()) {
      // A group that was added later has no schedule.
      const bases = this.#bases[i]
      if (bases === undefined) continue
      const scheduled = Object.entries(this.#schedules[i]!)
      group.change(Object.fromEntries(scheduled.map(([key, at]) => [key, at(this.#step, bases[key]!)])))
    }
  }
}

function expectSchedules(found: unknown): SettingSchedules {
  const isRecord = typeof found === 'object' && found !== null
  if (isRecord && Object.values(found).every(one => typeof one === 'function'))
    return found as SettingSchedules
  const message = `takes a schedule, as cosineAnnealing(...) makes it, or { learningRate: schedule }; got ${shown(found)}.`
  throw new ArgumentError('Scheduler', message)
}

function basesOf(name: string, settings: object, schedules: SettingSchedules): Record<string, number> {
  const bases: Record<string, number> = {}
  for (const key of Object.keys(schedules)) {
    const value: unknown = Object.hasOwn(settings, key) ? settings[key as keyof typeof settings] : undefined
    if (typeof value !== 'number') {
      const known = Object.keys(settings).join(', ')
      throw new ArgumentError('Scheduler', `${name} has no number '${key}' to schedule; it has ${known}.`)
    }
    bases[key] = value
  }
  return bases
}
