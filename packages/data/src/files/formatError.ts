/** What is wrong with a file, and where. */
import { AdjointError } from '@adjoint/core/functional'

/** Where in a file something is wrong. */
export interface FilePlace {
  /** Path or address of the file, when it was read by one. */
  readonly file?: string | undefined
  /** Position of the byte, from 0. */
  readonly byte?: number | undefined
  /** Line of a text, from 1. */
  readonly line?: number | undefined
  /** Column of a table, from 1. */
  readonly column?: number | undefined
  /** What inside of the file: a tensor, an entry of an archive, a path in a tree. */
  readonly entry?: string | undefined
}

/**
 * A file that does not keep to its format, or holds what tensors cannot. The message says where; the fields do too.
 *
 * @example
 * ```ts
 * import { FormatError, readNpy } from '@adjoint/data'
 * try {
 *   readNpy(new Uint8Array(100))
 * } catch (error) {
 *   error instanceof FormatError // => true
 *   if (error instanceof FormatError) error.byte // => 0
 * }
 * ```
 */
export class FormatError extends AdjointError {
  readonly file: string | undefined
  readonly byte: number | undefined
  readonly line: number | undefined
  readonly column: number | undefined
  readonly entry: string | undefined

  constructor(op: string, message: string, place: FilePlace = {}) {
    const { file, byte, line, column, entry } = place
    const parts = [
      file,
      line === undefined ? undefined : `line ${line}`,
      column === undefined ? undefined : `column ${column}`,
      byte === undefined ? undefined : `byte ${byte}`,
      entry === undefined ? undefined : shownName(entry),
    ].filter(part => part !== undefined)
    super(op, parts.length === 0 ? message : `${parts.join(', ')}: ${message}`)
    this.file = file
    this.byte = byte
    this.line = line
    this.column = column
    this.entry = entry
  }
}

/** A name or text from a file, in quotes and not longer than a message can bear; numbers and the like as they are. */
export function shownName(text: string | number | boolean | null): string {
  const quoted = JSON.stringify(text)
  return quoted.length > 80 ? `${quoted.slice(0, 76)}…"` : quoted
}
