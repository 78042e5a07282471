import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError } from '@adjoint/core/functional'
import { loadState, type ModelState, stateOf } from '../module/state.ts'
import type { Callback, EpochRecord } from './callback.ts'

/** Settings of {@link earlyStopping}. */
export interface EarlyStoppingOptions {
  /** The number that is to become better, of the record of an epoch. */
  readonly monitor: (record: EpochRecord) => number
  /** Whether a smaller number is better, a loss, or a larger one, an accuracy. Default `'smallest'`. */
  readonly goal?: 'smallest' | 'largest'
  /** Epochs in a row that may pass without improvement. Default 10. */
  readonly patience?: number
  /** What is not better than the best so far by more than this is no improvement. Default 0. */
  readonly minimumImprovement?: number
  /** Give the model the values of the best epoch at the end, however the run ended. Default true. */
  readonly restoreBest?: boolean
}

/** What {@link earlyStopping} remembers. */
export interface EarlyStoppingState {
  /** The best number so far; `null` before the first epoch. */
  readonly best: number | null
  /** The epoch of it, 0 before the first. */
  readonly epoch: number
  /** Epochs without improvement. */
  readonly waited: number
  /** The values of the model then. */
  readonly model: ModelState | null
}

/**
 * Ends a run of `fit` when a number has not become better for some epochs, and gives the model the values of the best one. A
 * number that is NaN is no improvement.
 *
 * @example
 * ```ts
 * import { Parameter, tensor } from '@adjoint/core'
 * import { earlyStopping, fit, SGD } from '@adjoint/nn'
 * const model = { w: new Parameter(tensor(4), 'w') }
 * const { stopped, epochs } = await fit({
 *   model,
 *   optimizer: new SGD([model.w], { learningRate: 0.5 }),
 *   loss: (target) => model.w.sub(target).square(),
 *   batches: [1],
 *   epochs: 100,
 *   callbacks: [earlyStopping({ monitor: ({ loss }) => loss, patience: 3 })],
 * })
 * stopped // => 'no improvement for 3 epochs, the best was epoch 2'
 * epochs.length // => 5
 * ```
 * @throws ArgumentError for settings that are unknown or out of range.
 */
export function earlyStopping(options: EarlyStoppingOptions): Callback {
  expectOptions('earlyStopping', options, [
    'monitor',
    'goal',
    'patience',
    'minimumImprovement',
    'restoreBest',
  ])
  const { monitor, goal = 'smallest', patience = 10, minimumImprovement = 0, restoreBest = true } = options
  if (typeof monitor !== 'function') {
    throw new ArgumentError('earlyStopping', 'needs a monitor, such as record => record.validation.loss.')
  }
  if (goal !== 'smallest' && goal !== 'largest') {
    throw new ArgumentError('earlyStopping', `goal must be 'smallest' or 'largest', got '${String(goal)}'.`)
  }
  if (!Number.isSafeInteger(patience) || patience < 1) {
    throw new ArgumentError('earlyStopping', `patience must be a whole number from 1 up, got ${patience}.`)
  }
  if (!(minimumImprovement >= 0)) {
    throw new ArgumentError(
      'earlyStopping',
      `minimumImprovement must be a number from 0 up, got ${minimumImprovement}.`,
    )
  }
  const sign = goal === 'smallest' ? 1 : -1
  let state: EarlyStoppingState = { best: null, epoch: 0, waited: 0, model: null }
  return {
    get state() {
      return state
    },
    loadState: (saved: EarlyStoppingState) => {
      state = saved
    },
    afterEpoch: (record, run) => {
      const value = monitor(record)
      if (typeof value !== 'number') {
        throw new ArgumentError(
          'earlyStopping',
          `the monitor gave ${String(value)} and no number; the record has ${Object.keys(record.validation).join(', ') || 'nothing'} in its validation.`,
        )
      }
      const limit = state.best === null ? Infinity : sign * state.best - minimumImprovement
      if (sign * value < limit) {
        state = {
          best: value,
          epoch: record.epoch,
          waited: 0,
          model: restoreBest ? stateOf(run.model) : null,
        }
        return
      }
      state = { ...state, waited: state.waited + 1 }
      if (state.waited < patience) return
      run.stop(`no improvement for ${patience} epochs, the best was epoch ${state.epoch}`)
    },
    afterFit: (_, run) => {
      if (state.model !== null) loadState(run.model, state.model)
    },
  }
}
