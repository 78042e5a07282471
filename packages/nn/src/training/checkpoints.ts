import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError } from '@adjoint/core/functional'
import type { Callback, TrainingState } from './callback.ts'

/** Settings of {@link checkpoints}. */
export interface CheckpointOptions {
  /** A checkpoint after every so many epochs. Default 1; 0 for none. */
  readonly everyEpochs?: number
  /** A checkpoint after every so many steps as well. Default 0, none. */
  readonly everySteps?: number
}

/**
 * Hands all that is needed to go on to a function that saves it, after every epoch, or after so many steps. With
 * `@adjoint/data`, `checkpoints((state) => saveCheckpoint(file, state))`, and to go on
 * `fit({ ..., resume: loadCheckpoint(file) })`. Put it last: the callbacks after it have not seen the epoch.
 *
 * @throws ArgumentError for settings that are unknown or no whole numbers from 0 up.
 */
export function checkpoints(
  save: (state: TrainingState) => void | Promise<void>,
  options: CheckpointOptions = {},
): Callback {
  expectOptions('checkpoints', options, ['everyEpochs', 'everySteps'])
  const { everyEpochs = 1, everySteps = 0 } = options
  for (const [name, count] of Object.entries({ everyEpochs, everySteps })) {
    if (Number.isSafeInteger(count) && count >= 0) continue
    throw new ArgumentError('checkpoints', `${name} must be a whole number from 0 up, got ${count}.`)
  }
  return {
    afterStep: run => {
      if (everySteps > 0 && run.step % everySteps === 0) return save(run.checkpoint())
    },
    afterEpoch: ({ epoch }, run) => {
      if (everyEpochs > 0 && epoch % everyEpochs === 0) return save(run.checkpoint())
    },
  }
}
