/** The ledger of hand-derived against automatic gradients. */

import { formatShape } from '@adjoint/core/engine'
import { type Column, formatIndex, formatNumber, showAsText, tableLines } from './text.ts'

/** One quantity of the ledger. */
export interface BackpropRow {
  /** `1` for W1; the path before the last dot for `0.weight`; empty when the name says nothing about a layer. */
  readonly layer: number | string
  /** `'dW'` for W1, `'dweight'` for `0.weight`. */
  readonly quantity: string
  /** `'dW1'`: the key in the hand-derived gradients. */
  readonly name: string
  /** Shape of the tensor, and so of its gradient. */
  readonly shape: readonly number[]
  /** Largest absolute difference; NaN when the shapes cannot be compared. */
  readonly maxAbs: number
  /** {@link maxAbs} over the largest absolute value of the quantity. */
  readonly maxRel: number
  /** Largest difference in units in the last place of autodiff's dtype. */
  readonly maxUlp: number
  /** Where manual and autodiff differ most, one position per axis. */
  readonly worstIndex: readonly number[]
  /** Values at {@link worstIndex}. */
  readonly manual: number
  readonly autodiff: number
  /** The central difference at {@link worstIndex}; `undefined` when differences were switched off or there is no entry. */
  readonly difference: number | undefined
  /** Largest distance of autodiff from the central difference among the sampled entries. */
  readonly maxAbsDifference: number | undefined
  readonly verdict: 'agrees' | 'differs'
  /** What kind of mistake it looks like, and who is right. */
  readonly hint?: string
}

/** What {@link compareBackprop} returns. Rows stand in backward order, from the loss to the input. */
export class BackpropReport {
  readonly rows: readonly BackpropRow[]
  readonly agrees: boolean
  /** The first row, walking backward, in which the two part. */
  readonly firstDifference: BackpropRow | undefined
  /** Remarks on the whole, such as the precision of the differences. */
  readonly notes: readonly string[]

  constructor(rows: readonly BackpropRow[], notes: readonly string[]) {
    this.rows = rows
    this.notes = notes
    this.firstDifference = rows.find(row => row.verdict === 'differs')
    this.agrees = this.firstDifference === undefined
  }

  /** The aligned table, a hint under each row that differs, and a last line with the result. */
  toString(): string {
    const withDifferences = this.rows.some(row => row.difference !== undefined)
    const columns: Column[] = [
      { title: '', align: 'left' },
      { title: 'shape', align: 'left' },
      { title: 'max abs', align: 'right' },
      { title: 'max rel', align: 'right' },
      { title: 'ulp', align: 'right' },
      { title: 'worst', align: 'left' },
      { title: 'manual', align: 'right' },
      { title: 'autodiff', align: 'right' },
      ...(withDifferences
        ? ([
            { title: 'difference', align: 'right' },
            { title: '|auto−diff|', align: 'right' },
          ] as const)
        : []),
      { title: 'verdict', align: 'left' },
    ]
    const [titles, rule, ...lines] = tableLines(
      columns,
      this.rows.map(row => cellsOf(row, withDifferences)),
    )
    const body = lines.flatMap((line, i) => {
      const hint = this.rows[i]!.hint
      return hint === undefined ? [line] : [line, `    ${hint}`]
    })
    const notes = this.notes.map(note => `Note: ${note}`)
    return [titles!, rule!, ...body, ...notes, this.#result()].join('\n')
  }

  /** Plain data: what `JSON.stringify(report)` writes. */
  toJSON(): {
    readonly agrees: boolean
    readonly firstDifference: string | undefined
    readonly rows: readonly BackpropRow[]
    readonly notes: readonly string[]
  } {
    return {
      agrees: this.agrees,
      firstDifference: this.firstDifference?.name,
      rows: this.rows,
      notes: this.notes,
    }
  }

  #result(): string {
    const first = this.firstDifference
    if (first === undefined) {
      return this.rows.length === 1 ? 'The one quantity agrees.' : `All ${this.rows.length} quantities agree.`
    }
    const before = this.rows.slice(0, this.rows.indexOf(first)).map(row => row.name)
    const layer = first.layer === '' ? '' : ` (layer ${first.layer})`
    const agreed =
      before.length === 0 ? '' : `; ${before.join(', ')} before it agree${before.length === 1 ? 's' : ''}`
    return `Walking backward, manual and autodiff part at ${first.name}${layer}${agreed}.`
  }
}

showAsText(BackpropReport.prototype)

function cellsOf(row: BackpropRow, withDifferences: boolean): string[] {
  const number = (value: number | undefined): string =>
    value === undefined || Number.isNaN(value) ? '-' : formatNumber(value)
  const value = (entry: number | undefined): string =>
    entry === undefined ? '-' : Number.isNaN(entry) && Number.isNaN(row.maxAbs) ? '-' : formatNumber(entry, 5)
  const differences = [value(row.difference), number(row.maxAbsDifference)]
  return [
    row.name,
    formatShape(row.shape),
    number(row.maxAbs),
    number(row.maxRel),
    number(row.maxUlp),
    formatIndex(row.worstIndex),
    value(row.manual),
    value(row.autodiff),
    ...(withDifferences ? differences : []),
    row.verdict,
  ]
}
