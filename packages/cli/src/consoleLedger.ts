/** Ledgers as text for the console. */
import type { BackpropReport, BackpropRow } from '@adjoint/testing'
import { DISTANCE_TITLE, formatError, formatShape, formatUlp } from './format.ts'
import { largestDifference, type Run } from './run.ts'
import { type Column, textTable } from './textTable.ts'

const COLUMNS: readonly Column[] = [
  { title: 'layer', align: 'left' },
  { title: 'quantity', align: 'left' },
  { title: 'shape', align: 'left' },
  { title: 'max abs', align: 'right' },
  { title: 'max rel', align: 'right' },
  { title: 'ulp', align: 'right' },
  { title: DISTANCE_TITLE, align: 'right' },
  { title: 'verdict', align: 'left' },
]

/** The ledger of a run: a line with the result, then a line for each quantity. */
export function describeLedger({ experiment, ledger }: Run): string {
  const { title, data, architecture } = experiment
  return [
    `${title} (${architecture}; ${data})`,
    ...indent(textTable(COLUMNS, ledger.rows.map(cellsOf))),
    ...indent([verdictOf(ledger)]),
  ].join('\n')
}

/** The planted mistake in a few lines: where the ledger says it is, and why. */
export function describeMistake(ledger: BackpropReport, formula: string): string {
  const first = ledger.firstDifference
  const found = first === undefined ? [] : [...textTable(COLUMNS, [cellsOf(first)]), first.hint ?? '']
  return [
    `what a mistake looks like (planted on purpose, not counted: ${formula})`,
    ...indent([...found.filter(line => line !== ''), placeOf(ledger)]),
  ].join('\n')
}

function verdictOf(ledger: BackpropReport): string {
  const first = ledger.firstDifference
  if (first !== undefined) return `differs first at ${first.name}: ${first.hint ?? 'see the report'}`
  return `all ${ledger.rows.length} quantities agree, to ${formatError(largestDifference(ledger))} relative`
}

/** Where the two part, walking from the loss back to the input, and what agrees before. */
function placeOf({ rows, firstDifference }: BackpropReport): string {
  if (firstDifference === undefined) return 'no quantity differs'
  const { name, layer } = firstDifference
  const before = rows.slice(0, rows.indexOf(firstDifference)).map(row => row.name)
  const agreed = before.length === 0 ? '' : `; before it agree ${before.join(', ')}`
  return `walking backward, the first to differ is ${name} of layer ${layer}${agreed}`
}

function cellsOf(row: BackpropRow): string[] {
  return [
    String(row.layer),
    row.quantity,
    formatShape(row.shape),
    formatError(row.maxAbs),
    formatError(row.maxRel),
    formatUlp(row.maxUlp),
    row.maxAbsDifference === undefined ? '–' : formatError(row.maxAbsDifference),
    row.verdict,
  ]
}

function indent(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`)
}
