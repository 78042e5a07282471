/** Columns by name, as they come from a CSV file: numbers, truth values or texts, some of them perhaps missing. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError, type Tensor, tensor } from '@adjoint/core/functional'
import { shownName } from '../files/formatError.ts'

/** What a column holds. */
export type ColumnType = 'number' | 'boolean' | 'text'

/** A column: its values row by row, `undefined` where one is missing. */
export type Column =
  | { readonly name: string; readonly type: 'number'; readonly values: readonly (number | undefined)[] }
  | { readonly name: string; readonly type: 'boolean'; readonly values: readonly (boolean | undefined)[] }
  | { readonly name: string; readonly type: 'text'; readonly values: readonly (string | undefined)[] }

/** Settings of {@link Table.tensor}. */
export interface TableTensorOptions {
  /** Default float32. */
  readonly dtype?: 'float32' | 'float64' | 'int32'
  /** The number in place of a missing value; without it a missing value is an error. */
  readonly missing?: number
}

/**
 * Rows under named columns.
 *
 * @example
 * ```ts
 * import { readCsv } from '@adjoint/data'
 * const table = readCsv('length,species\n39.1,Adelie\n46.1,Gentoo\n')
 * table.names // => ['length', 'species']
 * table.tensor(['length']).toArray() // => [[39.1], [46.1]]
 * table.texts('species') // => ['Adelie', 'Gentoo']
 * ```
 */
export class Table {
  /** The names of the columns in their order. */
  readonly names: readonly string[]
  /** Number of rows. */
  readonly length: number
  readonly columns: readonly Column[]

  constructor(columns: readonly Column[]) {
    this.columns = columns
    this.names = columns.map(({ name }) => name)
    this.length = columns[0]?.values.length ?? 0
  }

  /**
   * A column by its name.
   *
   * @throws ArgumentError when there is none; the message lists those that there are.
   */
  column(name: string): Column {
    const found = this.columns.find(column => column.name === name)
    if (found !== undefined) return found
    const names = this.names.map(known => shownName(known)).join(', ')
    throw new ArgumentError(
      'Table.column',
      `there is no column ${shownName(name)}; the columns are ${names.slice(0, 400)}.`,
    )
  }

  /**
   * Columns of numbers or truth values side by side: `[rows, columns]`.
   *
   * @throws ArgumentError for a column of texts, and for a missing value unless `missing` says what to put there.
   */
  tensor(names: readonly string[], options: TableTensorOptions = {}): Tensor<[number, number]> {
    expectOptions('Table.tensor', options, ['dtype', 'missing'])
    const { dtype = 'float32', missing } = options
    const columns = names.map(name => this.column(name))
    const data = new Float64Array(this.length * columns.length)
    for (const [at, { name, type, values }] of columns.entries()) {
      if (type === 'text') {
        const message = `column ${shownName(name)} holds texts; give each its number with OneHotEncoder.`
        throw new ArgumentError('Table.tensor', message)
      }
      for (let row = 0; row < this.length; row++) {
        const value = values[row] ?? missing
        if (value === undefined) {
          const message = `column ${shownName(name)} lacks a value in row ${row}; drop such rows with complete(), or say { missing: NaN }.`
          throw new ArgumentError('Table.tensor', message)
        }
        data[row * columns.length + at] = Number(value)
      }
    }
    return tensor(data, { shape: [this.length, columns.length], dtype })
  }

  /**
   * The texts of a column; numbers and truth values as texts, too.
   *
   * @throws ArgumentError for a missing value.
   */
  texts(name: string): string[] {
    return this.column(name).values.map((value, row) => {
      if (value !== undefined) return String(value)
      throw new ArgumentError('Table.texts', `column ${shownName(name)} lacks a value in row ${row}.`)
    })
  }

  /** The rows that lack no value in the named columns, by default in none. */
  complete(names: readonly string[] = this.names): Table {
    const needed = names.map(name => this.column(name))
    const rows = Array.from({ length: this.length }, (_, row) => row).filter(row =>
      needed.every(({ values }) => values[row] !== undefined),
    )
    return new Table(
      this.columns.map(column => ({ ...column, values: rows.map(row => column.values[row]) }) as Column),
    )
  }
}
