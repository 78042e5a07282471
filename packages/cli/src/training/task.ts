/** What a training task is: real data, a model, and what it must reach. */
import type { OutputStream } from '@adjoint/nn'

/** Settings of a task. */
export interface TaskOptions {
  /** Decides the split, the first values, the order of batches and what dropout drops. */
  readonly seed: number
  /** Train much shorter; nothing need be reached then. */
  readonly quick: boolean
  /** Where the progress is shown. */
  readonly stream: OutputStream
}

/** One number that a task measured on held-out examples. */
export interface Figure {
  /** `'accuracy'`, `'LSTM, root mean squared error in ppm'` */
  readonly name: string
  readonly value: number
  /** What it must be in a full run; none for what is only told. */
  readonly required?: { readonly least: number } | { readonly most: number }
}

/** What came of a task. */
export interface TaskResult {
  readonly figures: readonly Figure[]
  readonly seconds: number
}

/** A training task. */
export interface TrainingTask {
  readonly name: string
  /** What is learned from what, in a sentence. */
  readonly description: string
  run(options: TaskOptions): Promise<TaskResult>
}

/** Whether a figure is what it must be. */
export function isReached({ value, required }: Figure): boolean {
  if (required === undefined) return true
  return 'least' in required ? value >= required.least : value <= required.most
}
