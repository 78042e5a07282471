import { ArgumentError } from '@adjoint/core/functional'
import type { Callback, EpochRecord } from './callback.ts'

/** What walks a schedule over an optimizer: `Scheduler`, or what has memory of its own. */
export interface Scheduling<Metric extends readonly number[] = readonly []> {
  step(...metric: Metric): unknown
  readonly state: unknown
  loadState(state: never): void
}

/** When a scheduler steps: after each epoch, after each optimizer step, or after each epoch with a number of its record. */
type When = 'epoch' | 'step' | ((record: EpochRecord) => number)

/**
 * Steps a scheduler in a run of `fit`, after every epoch or after every optimizer step, and saves it in the checkpoints. One
 * that follows a number, such as a plateau of the loss, gets it from `monitor` after every epoch.
 *
 * @throws ArgumentError for anything but `'epoch'`, `'step'` and a function.
 */
export function scheduled(scheduler: Scheduling, every: 'epoch' | 'step'): Callback
export function scheduled(scheduler: Scheduling<[number]>, monitor: (record: EpochRecord) => number): Callback
export function scheduled(scheduler: Scheduling | Scheduling<[number]>, when: When): Callback {
  return {
    get state() {
      return scheduler.state
    },
    loadState: (state: never) => scheduler.loadState(state),
    ...stepping((...metric) => scheduler.step(...(metric as [number])), when),
  }
}

function stepping(step: (...metric: readonly number[]) => unknown, when: When): Callback {
  const plainly = (): void => {
    step()
  }
  if (when === 'step') return { afterStep: plainly }
  if (when === 'epoch') return { afterEpoch: plainly }
  if (typeof when !== 'function') {
    throw new ArgumentError(
      'scheduled',
      `steps every 'epoch' or 'step', or by a monitor, got '${String(when)}'.`,
    )
  }
  return {
    afterEpoch: record => {
      step(when(record))
    },
  }
}
