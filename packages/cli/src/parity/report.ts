/** The result of a run as text. */
import { type Column, textTable } from '../textTable.ts'
import { countStage, type GroupResult, summaryOf } from './parity.ts'
import { policyFor } from './policy.ts'

const COLUMNS: readonly Column[] = [
  { title: 'group', align: 'left' },
  { title: 'cases', align: 'right' },
  { title: 'passed', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'convention', align: 'right' },
  { title: 'not covered', align: 'right' },
  { title: 'first order', align: 'right' },
  { title: 'second order', align: 'right' },
  { title: 'forward', align: 'right' },
]

/** The failures, the differences by convention, the reasons for what is not covered, and the table. */
export function describeResults(results: readonly GroupResult[]): string {
  const parts = [
    describeFailures(results),
    describeConventions(results),
    describeNotCovered(results),
    describeTable(results),
  ]
  return parts.filter(part => part !== '').join('\n\n')
}

/** A row for each group, and one for all when there are several. */
export function describeTable(results: readonly GroupResult[]): string {
  const rows = results.map(rowOf)
  const all = rowOf({ group: 'all', decided: results.flatMap(({ decided }) => decided) })
  return textTable(COLUMNS, rows.length > 1 ? [...rows, all] : rows).join('\n')
}

function rowOf(result: GroupResult): string[] {
  const { group, total, passed, failed, convention, notCovered } = summaryOf(result)
  const stages = (['first', 'second', 'forward'] as const).map(stage => countStage(result, stage))
  return [group, ...[total, passed, failed, convention, notCovered, ...stages].map(String)]
}

function describeFailures(results: readonly GroupResult[]): string {
  const lines = results.flatMap(({ decided }) =>
    decided.flatMap(({ found, outcome }) =>
      outcome.verdict === 'failed'
        ? [`  ${found.id}`, ...outcome.differences.slice(0, 4).map(text => `    ${text}`)]
        : [],
    ),
  )
  return lines.length === 0 ? '' : ['FAILED', ...lines].join('\n')
}

function describeConventions(results: readonly GroupResult[]): string {
  const lines = results.flatMap(({ decided }) =>
    decided.flatMap(({ found, outcome }) => {
      if (outcome.verdict !== 'convention') return []
      const first = `    ${outcome.differences[0]}`
      if (outcome.choice === undefined) return [`  ${found.id}`, first]
      const { reason, row } = policyFor(found.op, outcome.choice)
      return [`  ${found.id}`, first, `    ${reason}${row === undefined ? '' : ` (kink policy: ${row})`}`]
    }),
  )
  return lines.length === 0 ? '' : ['different by convention', ...lines].join('\n')
}

/** The reasons for what is not covered, the most frequent one first. */
export function describeNotCovered(results: readonly GroupResult[]): string {
  const counts = new Map<string, number>()
  for (const { decided } of results) {
    for (const { outcome } of decided) {
      if (outcome.verdict === 'notCovered') counts.set(outcome.reason, (counts.get(outcome.reason) ?? 0) + 1)
    }
  }
  const lines = [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `  not covered: ${reason} (${count})`)
  return lines.join('\n')
}
