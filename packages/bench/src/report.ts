/** Tables for the terminal. */

import type { MemorySample } from './sections.ts'
import type { Row } from './statistics.ts'

/** Three digits that count, whatever the size. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (value === 0) return '0'
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))))
  return value.toFixed(Math.min(decimals, 7))
}

/** Columns side by side: the first ones to the left, `numbers` columns to the right. */
export function table(lines: readonly (readonly string[])[], numbers: number): string {
  const count = Math.max(...lines.map(line => line.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...lines.map(line => (line[column] ?? '').length)),
  )
  const show = (line: readonly string[]): string =>
    widths
      .map((width, column) => {
        const text = line[column] ?? ''
        return column < count - numbers ? text.padEnd(width) : text.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return lines.map(show).join('\n')
}

/** The table of one workload. */
export function workloadTable(rows: readonly Row[], flops: number | undefined): string {
  const heads = ['subject', 'median ms', 'p10', 'p90', 'ratio', 'difference', ...(flops ? ['GFLOP/s'] : [])]
  const lines = rows.map(({ subject, medianMs, p10, p90, ratioToBest, difference, agrees }) => [
    difference !== null && !agrees ? `${subject} (WRONG)` : subject,
    figure(medianMs),
    figure(p10),
    figure(p90),
    ratioToBest.toFixed(2),
    difference === null ? '' : difference === 0 ? '0' : difference.toExponential(0),
    ...(flops ? [(flops / medianMs / 1e6).toFixed(1)] : []),
  ])
  return table([heads, ...lines], heads.length - 1)
}

/** Workloads down, subjects across, medians in milliseconds; a result that disagrees stands in brackets. */
export function summaryTable(rows: readonly Row[]): string {
  const workloads = [...new Set(rows.map(({ workload }) => workload))]
  const subjects = [...new Set(rows.map(({ subject }) => subject))]
  const letters = subjects.map((_, i) => String.fromCharCode(65 + i))
  const lines = workloads.map(workload => [
    workload,
    ...subjects.map(subject => {
      const row = rows.find(row => row.workload === workload && row.subject === subject)
      if (row === undefined) return ''
      return row.difference !== null && !row.agrees ? `(${figure(row.medianMs)})` : figure(row.medianMs)
    }),
  ])
  const legend = subjects.map((subject, i) => `${letters[i]} ${subject}`).join('\n')
  return `${table([['ms', ...letters], ...lines], letters.length)}\n\n${legend}`
}

/** What processes held after how many steps. */
export function memoryTable(samples: readonly MemorySample[]): string {
  const heads = ['subject', 'steps', 'resident MB', 'peak', 'heap', 'arrays']
  const lines = samples.map(({ subject, step, resident, peak, heap, arrays }) => [
    subject,
    step.toLocaleString('en'),
    ...[resident, peak, heap, arrays].map(value => (value === 0 ? '' : value.toFixed(1))),
  ])
  return table([heads, ...lines], heads.length - 1)
}
