/** Files of the system that Node runs on. Looked up when they are needed, so that a page in a browser can load this package. */
import { FileError } from './fileError.ts'

/** The functions of `node:fs` that are used here; a test can plant a failure in one of them. */
export type FileSystem = Pick<
  typeof import('node:fs'),
  | 'closeSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'openSync'
  | 'readSync'
  | 'realpathSync'
  | 'renameSync'
  | 'rmSync'
  | 'writeSync'
>

/** A read or a write of more bytes in one call is refused by some systems. */
const MOST_BYTES_AT_ONCE = 2 ** 30

/** Whether this program runs where there are files. */
export function hasFiles(): boolean {
  return typeof globalThis.process?.getBuiltinModule === 'function'
}

function fileSystem(op: string, file: string): FileSystem {
  if (hasFiles()) return globalThis.process.getBuiltinModule('node:fs')
  throw new FileError(
    op,
    file,
    'there are no files here; fetch the bytes and use the function without "File".',
  )
}

/**
 * All bytes of a file.
 *
 * @throws FileError when it cannot be read or is no ordinary file.
 */
export function readFileBytes(op: string, file: string): Uint8Array {
  const fs = fileSystem(op, file)
  let handle: number | undefined
  try {
    handle = fs.openSync(file, 'r')
    const status = fs.fstatSync(handle)
    // A device or a pipe would be read without end.
    if (!status.isFile()) throw new FileError(op, file, 'is no ordinary file.')
    const bytes = new Uint8Array(status.size)
    let at = 0
    while (at < bytes.length) {
      const count = fs.readSync(handle, bytes, at, Math.min(bytes.length - at, MOST_BYTES_AT_ONCE), at)
      if (count === 0) throw new FileError(op, file, 'became shorter while it was read.')
      at += count
    }
    return bytes
  } catch (error) {
    throw asFileError(op, file, 'cannot be read', error)
  } finally {
    if (handle !== undefined) fs.closeSync(handle)
  }
}

let written = 0

/**
 * Writes a file as a whole or not at all: the bytes go to a temporary name beside it, are brought to the disk, and only
 * then take the place of what was there. Whoever reads the file finds the old bytes or the new ones, also after a crash.
 *
 * @throws FileError when it cannot be written; what was there is still there.
 */
export function writeFileBytes(
  op: string,
  file: string,
  bytes: Uint8Array,
  fs: FileSystem = fileSystem(op, file),
): void {
  // A link stays a link: what it points to is replaced.
  const target = resolvedPath(fs, file)
  const temporary = `${target}.${globalThis.process.pid}-${written++}.tmp`
  let handle: number | undefined
  let exists = false
  try {
    handle = fs.openSync(temporary, 'wx')
    exists = true
    let at = 0
    while (at < bytes.length) {
      at += fs.writeSync(handle, bytes, at, Math.min(bytes.length - at, MOST_BYTES_AT_ONCE))
    }
    fs.fsyncSync(handle)
    const open = handle
    handle = undefined
    fs.closeSync(open)
    fs.renameSync(temporary, target)
    exists = false
  } catch (error) {
    quietly(() => {
      if (handle !== undefined) fs.closeSync(handle)
    })
    quietly(() => {
      if (exists) fs.rmSync(temporary, { force: true })
    })
    throw asFileError(op, file, 'cannot be written', error)
  }
  quietly(() => syncFolder(fs, target))
}

function resolvedPath(fs: FileSystem, file: string): string {
  try {
    return fs.realpathSync(file)
  } catch {
    // There is nothing yet.
    return file
  }
}

/** Brings the new name to the disk, too; not every system can open a folder. */
function syncFolder(fs: FileSystem, file: string): void {
  const end = Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\'))
  const handle = fs.openSync(end === -1 ? '.' : file.slice(0, Math.max(end, 1)), 'r')
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

function quietly(body: () => void): void {
  try {
    body()
  } catch {
    // What matters has succeeded or is thrown already.
  }
}

function asFileError(op: string, file: string, what: string, error: unknown): FileError {
  if (error instanceof FileError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new FileError(op, file, `${what} (${reason}).`, error)
}
