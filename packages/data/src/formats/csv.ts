/** Tables in text: RFC 4180, with the line and the column of everything that is wrong. */
import { expectOptions } from '@adjoint/core/engine'
import { ArgumentError } from '@adjoint/core/functional'
import { CsvError, parse } from 'csv-parse/browser/esm/sync'
import { type FilePlace, FormatError, shownName } from '../files/formatError.ts'
import { readFileBytes } from '../files/nodeFiles.ts'
import { type Column, type ColumnType, Table } from './table.ts'

/** Settings of {@link readCsv}. */
export interface CsvOptions {
  /** What stands between two fields. Default a comma. */
  readonly delimiter?: string
  /** Whether the first row names the columns, or the names themselves when it does not. Default true. */
  readonly header?: boolean | readonly string[]
  /** The types of columns by name. Those of others are found from their values. */
  readonly types?: Readonly<Record<string, ColumnType>>
  /** Fields that stand for a missing value. Default: the empty field, `NA`, `NaN` and `null`. */
  readonly missing?: readonly string[]
}

const MISSING = ['', 'NA', 'NaN', 'null']

/** A decimal number, or infinity as Python and JavaScript write it. */
const NUMBER = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|Infinity)$/

const TRUTH: ReadonlyMap<string, boolean> = /* @__PURE__ */ new Map([
  ['true', true],
  ['false', false],
  ['True', true],
  ['False', false],
  ['TRUE', true],
  ['FALSE', false],
])

/**
 * A table from CSV text or its UTF-8 bytes: quotes, line breaks inside of them, a byte order mark, `\n` and `\r\n`. A
 * column is of numbers when all of its values are, of truth values likewise, otherwise of texts. Empty lines are skipped.
 *
 * @example
 * ```ts
 * import { readCsv } from '@adjoint/data'
 * const table = readCsv('x,label\n1,"a, b"\n,c\n')
 * table.column('x').values // => [1, undefined]
 * table.column('label').values // => ['a, b', 'c']
 * ```
 * @throws FormatError with line and column when a quote is wrong, a row is too short or too long, a name stands twice, or
 * a field is not of the type that was asked for.
 */
export function readCsv(text: string | Uint8Array, options: CsvOptions = {}): Table {
  return readCsvAs('readCsv', text, options, {})
}

/**
 * {@link readCsv} of a file. Node only.
 *
 * @throws FileError when the file cannot be read; FormatError as above.
 */
export function readCsvFile(file: string, options: CsvOptions = {}): Table {
  return readCsvAs('readCsvFile', readFileBytes('readCsvFile', file), options, { file })
}

/** A row of fields and the line of the text on which it begins. */
interface Row {
  readonly fields: readonly string[]
  readonly line: number
}

/** {@link readCsv} on behalf of another function. */
export function readCsvAs(
  op: string,
  text: string | Uint8Array,
  options: CsvOptions,
  place: FilePlace,
): Table {
  expectOptions(op, options, ['delimiter', 'header', 'missing', 'types'])
  const { delimiter = ',', header = true, types = {}, missing = MISSING } = options
  if (typeof delimiter !== 'string' || !/^[^"\r\n]$/u.test(delimiter)) {
    throw new ArgumentError(
      op,
      `the delimiter must be one character other than a quote, got ${JSON.stringify(delimiter)}.`,
    )
  }
  const rows = readRows(op, decode(op, text, place), delimiter, place)
  const names = Array.isArray(header)
    ? header
    : header
      ? rows.shift()?.fields
      : numbered(rows[0]?.fields.length ?? 0)
  if (names === undefined)
    throw new FormatError(op, 'the file is empty; it needs a row with the names of its columns.', place)
  expectNames(op, names, Object.keys(types), place)
  for (const { fields, line } of rows) {
    if (fields.length === names.length) continue
    const column = Math.min(fields.length, names.length) + 1
    const message = `the row has ${fields.length} fields, and there are ${names.length} columns.`
    throw new FormatError(op, message, { ...place, line, column })
  }
  const gaps = new Set(missing)
  return new Table(
    names.map((name, at): Column => {
      const fields = rows.map(row => (gaps.has(row.fields[at]!) ? undefined : row.fields[at]!))
      const type = Object.hasOwn(types, name) ? types[name]! : typeOf(fields)
      return toColumn(op, name, type, fields, row => ({ ...place, line: rows[row]!.line, column: at + 1 }))
    }),
  )
}

function decode(op: string, text: string | Uint8Array, place: FilePlace): string {
  if (typeof text === 'string') return text
  if (!(text instanceof Uint8Array)) throw new ArgumentError(op, 'takes a text or its bytes as Uint8Array.')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text)
  } catch {
    throw new FormatError(op, 'the text is not UTF-8.', place)
  }
}

function readRows(op: string, text: string, delimiter: string, place: FilePlace): Row[] {
  try {
    const records = parse(text, {
      bom: true,
      delimiter,
      info: true,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as { readonly record: readonly string[]; readonly info: { readonly lines: number } }[]
    let surplus = 0
    return records.map(({ record, info }) => {
      const inside = record.join('')
      // The parser counts a \r\n inside of quotes as two lines.
      surplus += occurrences('\r\n', inside)
      return { fields: record, line: info.lines - surplus - occurrences('\n', inside) }
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const { lines, column, message } = error as CsvError & {
      readonly lines?: number
      readonly column?: unknown
    }
    throw new FormatError(op, `${message.slice(0, 200)}.`, {
      ...place,
      line: lines === undefined ? undefined : trueLine(text, lines),
      column: typeof column === 'number' ? column + 1 : undefined,
    })
  }
}

function occurrences(part: string, text: string): number {
  let count = 0
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) count++
  return count
}

/** The line on which the parser has counted `counted` lines, see above. */
function trueLine(text: string, counted: number): number {
  let line = 1
  let count = 1
  let isQuoted = false
  for (let at = 0; at < text.length && count < counted; at++) {
    if (text[at] === '"') isQuoted = !isQuoted
    else if (text[at] === '\n') {
      line++
      count++
    } else if (isQuoted && text.startsWith('\r\n', at)) count++
  }
  return line
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String(at))
}

function expectNames(op: string, names: readonly string[], typed: readonly string[], place: FilePlace): void {
  const seen = new Set<string>()
  for (const [at, name] of names.entries()) {
    if (seen.has(name)) {
      throw new FormatError(op, `two columns have the name ${shownName(name)}.`, {
        ...place,
        line: 1,
        column: at + 1,
      })
    }
    seen.add(name)
  }
  const unknown = typed.find(name => !seen.has(name))
  if (unknown !== undefined)
    throw new ArgumentError(op, `types names ${shownName(unknown)}, but there is no such column.`)
}

function typeOf(fields: readonly (string | undefined)[]): ColumnType {
  const given = fields.filter(field => field !== undefined)
  if (given.every(field => NUMBER.test(field))) return 'number'
  return given.every(field => TRUTH.has(field)) ? 'boolean' : 'text'
}

function toColumn(
  op: string,
  name: string,
  type: ColumnType,
  fields: readonly (string | undefined)[],
  placeOf: (row: number) => FilePlace,
): Column {
  const refuse = (field: string, row: number, wanted: string): never => {
    throw new FormatError(
      op,
      `${shownName(field)} is no ${wanted} (column ${shownName(name)}).`,
      placeOf(row),
    )
  }
  const each = <Value>(convert: (field: string, row: number) => Value): (Value | undefined)[] =>
    fields.map((field, row) => (field === undefined ? undefined : convert(field, row)))
  switch (type) {
    case 'text':
      return { name, type, values: fields }
    case 'number': {
      const values = each((field, row) =>
        NUMBER.test(field) ? toNumber(field) : refuse(field, row, 'number'),
      )
      return { name, type, values }
    }
    case 'boolean': {
      const values = each((field, row) => TRUTH.get(field) ?? refuse(field, row, 'truth value'))
      return { name, type, values }
    }
    default:
      throw new ArgumentError(op, `the type of column ${shownName(name)} must be number, boolean or text.`)
  }
}

function toNumber(field: string): number {
  return Number(field.replace(/inf$/, 'Infinity'))
}
