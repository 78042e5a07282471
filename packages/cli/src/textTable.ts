/** Aligned columns for the console. */

/** A column: its title and on which side its cells stand. */
export interface Column {
  readonly title: string
  readonly align: 'left' | 'right'
}

/** The lines of a table, titles first, columns as wide as their widest cell and two spaces apart. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const lines = [columns.map(({ title }) => title), ...rows]
  const widths = columns.map((_, at) => Math.max(...lines.map(cells => cells[at]!.length)))
  return lines.map(cells =>
    cells
      .map((cell, at) =>
        columns[at]!.align === 'left' ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!),
      )
      .join('  ')
      .trimEnd(),
  )
}
