/** What takes part in a run of `fit`, and what it is told. */

import type { ModelState } from '../module/state.ts'
import type { OptimizerState } from '../optimizers/state.ts'

/** What one epoch came to. */
export interface EpochRecord {
  /** Number of the epoch, from 1. */
  readonly epoch: number
  /** Optimizer steps since the start of the training. */
  readonly step: number
  /** Mean of the losses of its batches, each taken before its step. */
  readonly loss: number
  /** What `validate` returned, by name; empty without. */
  readonly validation: Readonly<Record<string, number>>
  /** Seconds that the epoch took, validation included. */
  readonly seconds: number
}

/** What a run came to. */
export interface History {
  readonly epochs: readonly EpochRecord[]
  /** Why it ended before its last epoch; `null` when it did not. */
  readonly stopped: string | null
}

/** A run at one moment. */
export interface TrainingRun {
  readonly model: unknown
  /** Number of the epoch that is going on, or that just ended, from 1. */
  readonly epoch: number
  readonly epochs: number
  /** Batches of this epoch so far. */
  readonly batch: number
  /** Batches of an epoch, where that is known. */
  readonly batches: number | undefined
  /** Optimizer steps so far. */
  readonly step: number
  /** Loss of the last batch. */
  readonly loss: number
  /** Records of the epochs that are over. */
  readonly records: readonly EpochRecord[]
  /** Ends the run after this step, or after this epoch when it is told between epochs. */
  stop(reason: string): void
  /**
   * All that is needed to go on from here, to be passed as `resume`: plain data and tensors.
   *
   * @throws ArgumentError in `beforeStep`: the gradients that are there would be lost.
   */
  checkpoint(): TrainingState
}

/** Takes part in a run; every method may be left out. */
export interface Callback {
  /** The gradients of a step are there; the parameters are still the old ones. */
  readonly beforeStep?: (run: TrainingRun) => void
  /** The parameters have moved. */
  readonly afterStep?: (run: TrainingRun) => void | Promise<void>
  /** An epoch is over, and validated. */
  readonly afterEpoch?: (record: EpochRecord, run: TrainingRun) => void | Promise<void>
  /** The run is over, however it ended, but not by an error. */
  readonly afterFit?: (history: History, run: TrainingRun) => void | Promise<void>
  /** What it remembers from step to step, as plain data and tensors; saved with a checkpoint. */
  readonly state?: unknown
  /** Goes on from what it remembered. */
  readonly loadState?: (state: never) => void
}

/** What `fit` needs to go on: plain data and tensors, see `saveCheckpoint` of `@adjoint/data`. */
export interface TrainingState {
  /** Epochs that are over. */
  readonly epoch: number
  /** Batches of the epoch that is going on. */
  readonly batch: number
  readonly step: number
  /** Batches since the start of the training. */
  readonly passes: number
  /** Sum of the losses of the epoch that is going on. */
  readonly lossSum: number
  readonly model: ModelState
  readonly optimizer: OptimizerState | null
  /** State of the batches, when they have one. */
  readonly batches: unknown
  /** States of the callbacks, in their order; `null` for those without. */
  readonly callbacks: readonly unknown[]
  readonly records: readonly EpochRecord[]
}
