/** One finished run: the experiment, what training did, and the ledger of the trained network. */
import type { BackpropReport } from '@adjoint/testing'
import type { Experiment } from './networks/experiment.ts'
import type { Training } from './train.ts'

export interface Run {
  readonly experiment: Experiment
  readonly training: Training
  readonly ledger: BackpropReport
}

/** The largest relative difference of a ledger. */
export function largestDifference({ rows }: BackpropReport): number {
  return Math.max(...rows.map(({ maxRel }) => maxRel))
}
