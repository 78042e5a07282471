import { AdjointError } from '@adjoint/core/functional'

/** A file that could not be read or written. `cause` is the error of the system. */
export class FileError extends AdjointError {
  /** Path or address of the file. */
  readonly file: string
  /** The system's code, such as `'ENOENT'`, when there is one. */
  readonly code: string | undefined

  constructor(op: string, file: string, message: string, cause?: unknown) {
    super(op, `${file}: ${message}`)
    this.file = file
    const code = (cause as { code?: unknown } | undefined)?.code
    this.code = typeof code === 'string' ? code : undefined
    if (cause !== undefined) this.cause = cause
  }
}
