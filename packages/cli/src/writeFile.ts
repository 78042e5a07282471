/** Files that are there in full or not at all. */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A file could not be written; says which, why, and what to try. */
export class WriteError extends Error {
  override readonly name: string = 'WriteError'
  readonly path: string

  constructor(path: string, option: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause)
    // The temporary name is nobody's business.
    const reason = message.replaceAll(temporaryName(path), path)
    super(`cannot write ${path}: ${reason}. Choose another place with ${option}.`, { cause })
    this.path = path
  }
}

/**
 * Makes sure that a file can be put at `path`: creates its folders, and refuses a path that is a folder. Called before a
 * long computation, so that a wrong path is found at its start and not at its end.
 *
 * @param option the option that names another place
 * @throws WriteError with the path and the reason.
 */
export function prepareFile(path: string, option: string): void {
  try {
    makeFolder(dirname(path))
    // A trial under the name that writeFile will use also finds a folder without the permission to write.
    const trial = temporaryName(path)
    writeFileSync(trial, '')
    rmSync(trial)
    if (isFolder(path)) throw new Error('it is a folder')
  } catch (error) {
    throw new WriteError(path, option, error)
  }
}

/**
 * Writes a file under a temporary name in the same folder, then renames it: a reader finds the old file or the new one,
 * never a part. Creates the folders.
 *
 * @param option the option that names another place
 * @throws WriteError with the path and the reason; the temporary file is removed then.
 */
export function writeFile(path: string, option: string, text: string): void {
  const temporary = temporaryName(path)
  try {
    makeFolder(dirname(path))
    writeFileSync(temporary, text)
    renameSync(temporary, path)
  } catch (error) {
    removeIfThere(temporary)
    throw new WriteError(path, option, error)
  }
}

/** Creates a folder and those above it. One by one: Node's own `recursive` never returns below /proc. */
function makeFolder(path: string): void {
  if (isFolder(path)) return
  const parent = dirname(path)
  if (parent !== path) makeFolder(parent)
  try {
    mkdirSync(path)
  } catch (error) {
    // Somebody else may have made it in between.
    if (!isFolder(path)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

function removeIfThere(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The folder is at fault, so that the file was never made; the error of the write says so.
  }
}

/** In the folder of the file, because a rename is atomic only within one file system; not the name of another process. */
function temporaryName(path: string): string {
  return `${path}.${process.pid}.tmp`
}
