/** The result of a demo as plain data: what `--json` writes. */
import type { Run } from './run.ts'

/** One quantity of a ledger. */
export interface LedgerEntry {
  readonly layer: number | string
  readonly quantity: string
  readonly shape: readonly number[]
  readonly maxAbs: number
  readonly maxRel: number
  readonly maxUlp: number
  /** Largest distance of autodiff from the central difference among the sampled entries. */
  readonly maxAbsDifference: number | undefined
  readonly verdict: 'agrees' | 'differs'
}

/** One run. */
export interface RunSummary {
  readonly name: string
  readonly data: string
  readonly hidden: readonly number[]
  /** Of the training; the ledger is in float64. */
  readonly dtype: 'float32'
  /** On the training examples. */
  readonly lossBefore: number
  readonly lossAfter: number
  readonly lossTest: number
  /** Share of right answers on the held-out examples; `null` for a regression. */
  readonly accuracyTest: number | null
  /** R² on the held-out examples; `null` for a classification. */
  readonly r2Test: number | null
  readonly seconds: number
  readonly ledger: readonly LedgerEntry[]
}

/** All runs, and where the report is. */
export interface DemoSummary {
  readonly seed: number
  readonly quick: boolean
  readonly runs: readonly RunSummary[]
  readonly report: string
}

/** The text of the JSON file. JSON knows no infinite numbers and no NaN: they become `'Infinity'`, `'-Infinity'`, `'NaN'`. */
export function toJson(summary: DemoSummary): string {
  const named = (_: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
  return `${JSON.stringify(summary, named, 2)}\n`
}

export function summarise({ experiment, training, ledger }: Run): RunSummary {
  const { before, train, test, seconds } = training
  return {
    name: experiment.name,
    data: experiment.data,
    hidden: experiment.hidden,
    dtype: 'float32',
    lossBefore: before.loss,
    lossAfter: train.loss,
    lossTest: test.loss,
    accuracyTest: test.accuracy ?? null,
    r2Test: test.r2 ?? null,
    seconds,
    ledger: ledger.rows.map(
      ({ layer, quantity, shape, maxAbs, maxRel, maxUlp, maxAbsDifference, verdict }) => ({
        layer,
        quantity,
        shape,
        maxAbs,
        maxRel,
        maxUlp,
        maxAbsDifference,
        verdict,
      }),
    ),
  }
}
