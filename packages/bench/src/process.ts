/** The side of the bench: a subject in a process of its own, asked one thing at a time. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Command } from './subjects.ts'
import { type Answer, MARK, type Request } from './worker.ts'

/** A running worker. While it is asked nothing it waits for a line and uses no processor. */
export class Worker {
  readonly #child: ChildProcess
  #answered: ((answer: Answer) => void) | undefined
  /** The end of what it wrote to standard error, for when it fails. */
  #complaint = ''
  #hasEnded = false

  constructor({ file, args, env }: Command) {
    this.#child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
    createInterface({ input: this.#child.stdout! }).on('line', line => {
      if (line.startsWith(MARK)) this.#give(JSON.parse(line.slice(MARK.length)) as Answer)
    })
    this.#child.stderr!.on('data', data => {
      this.#complaint = (this.#complaint + String(data)).slice(-4000)
    })
    // Writing to a process that has ended is reported by its end.
    this.#child.stdin!.on('error', () => {})
    this.#child.on('error', error => this.#end(error.message))
    this.#child.on('close', (code, signal) => {
      this.#end(reasonIn(this.#complaint) ?? `ended with ${signal ?? `exit code ${code}`}`)
    })
  }

  /** Asks and waits; a worker that fails or ends answers `unavailable`. After `seconds` without an answer it is ended. */
  ask(request: Request, seconds: number): Promise<Answer> {
    if (this.#hasEnded) return Promise.resolve({ unavailable: this.#complaint })
    return new Promise(resolve => {
      const timer = setTimeout(() => {
        this.#complaint = `no answer within ${seconds} s`
        this.#child.kill('SIGKILL')
        this.#end(this.#complaint)
      }, 1e3 * seconds)
      this.#answered = answer => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.#child.stdin!.write(`${JSON.stringify(request)}\n`)
    })
  }

  /** Lets the process go. */
  end(): void {
    this.#hasEnded = true
    this.#child.stdin!.end()
    this.#child.kill()
  }

  #give(answer: Answer): void {
    const answered = this.#answered
    this.#answered = undefined
    answered?.(answer)
  }

  #end(reason: string): void {
    this.#complaint = reason
    this.#hasEnded = true
    this.#give({ unavailable: reason })
  }
}

/** The line of a complaint that names the error, or else the last one. */
export function reasonIn(complaint: string): string | undefined {
  const lines = complaint.split('\n').filter(line => line.trim() !== '')
  return (lines.findLast(line => /^\S*(Error|Exception)\b/.test(line)) ?? lines.at(-1))?.trim()
}
