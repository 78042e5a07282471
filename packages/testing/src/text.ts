/** Reports as text: numbers of few digits, aligned columns, and what `console.log` shows. */

/** A number in at most about nine characters: `0.1234`, `-1.23e-8`, `12`. */
export function formatNumber(value: number, digits = 4): string {
  if (value === 0) return '0'
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1e5 || size < 1e-3) return value.toExponential(Math.max(0, digits - 2)).replace('e+', 'e')
  return String(Number(value.toPrecision(digits)))
}

/** `[1, 0]` for an entry, nothing for the only entry of a 0-d tensor. */
export function formatIndex(index: readonly number[]): string {
  return index.length === 0 ? '' : `[${index.join(', ')}]`
}

/** One column of a table. */
export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** Lines of a table with a rule under its titles; columns as wide as their widest cell. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, k) => Math.max(column.title.length, ...rows.map(row => row[k]!.length)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, k) => (columns[k]!.align === 'left' ? cell.padEnd(widths[k]!) : cell.padStart(widths[k]!)))
      .join('  ')
      .trimEnd()
  return [
    line(columns.map(column => column.title)),
    widths.map(width => '─'.repeat(width)).join('  '),
    ...rows.map(line),
  ]
}

/**
 * Lets `console.log` in Node print what `toString` returns. Not a method of the classes because declarations cannot name
 * a registered symbol.
 */
export function showAsText(prototype: { toString(): string }): void {
  Object.defineProperty(prototype, Symbol.for('nodejs.util.inspect.custom'), {
    value(this: { toString(): string }): string {
      return this.toString()
    },
  })
}
