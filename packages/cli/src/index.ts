/** `@adjoint/cli`: what the `adjoint` command is made of, for programs of your own. */

export { type DemoOptions, type DemoResult, REQUIRED_DIGIT_ACCURACY, runDemo } from './demo.ts'
export {
  LEDGER_TOLERANCE,
  type LedgerInputs,
  ledgerOf,
  type RecordedNetwork,
  type RecordedTensor,
  recordNetwork,
} from './ledger.ts'
export type { Batch, Examples, Task } from './networks/examples.ts'
export type { LossName } from './networks/losses.ts'
export { type AnyDense, type PairedLayer, pairLayers, toDenseNetwork } from './pairing.ts'
export { ParityInputError } from './parity/errors.ts'
export type { GroupSummary } from './parity/parity.ts'
export { type ParityOptions, type ParitySummary, runParity } from './parity/runParity.ts'
export { type OutputStream, type ProgressOptions, type ProgressState, showProgress } from './progress.ts'
export type { DemoSummary, LedgerEntry, RunSummary } from './summary.ts'
export { WriteError } from './writeFile.ts'
