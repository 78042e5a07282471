/** A stream that keeps what is written to it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { OutputStream } from '../src/progress.ts'

export interface RecordingStream extends OutputStream {
  readonly writes: readonly string[]
  readonly text: () => string
}

export function recordingStream(terminal: { isTTY?: boolean; columns?: number } = {}): RecordingStream {
  const writes: string[] = []
  return { ...terminal, writes, write: text => writes.push(text), text: () => writes.join('') }
}

/** A new folder that is removed after the test; a hook passes what is to call the removal instead. */
export function temporaryFolder(onFinished: (remove: () => void) => void = onTestFinished): string {
  const folder = mkdtempSync(join(tmpdir(), 'adjoint-cli-'))
  onFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
