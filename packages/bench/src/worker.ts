/**
 * The side of a subject: reads one request per line, answers with one line that begins with a mark, and sleeps in between.
 * `packages/bench/python/worker.py` speaks the same.
 */

import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { type Problem, readProblem } from './problemFile.ts'

/** What stands in front of an answer: libraries print lines of their own. */
export const MARK = '@bench '

/** What a subject consists of is not on this machine: no workload can be done. */
export class MissingError extends Error {
  override readonly name = 'MissingError'
}

/** A workload, ready to be done by one subject. */
export interface Task {
  /** Does the work once; it is all done on return. */
  readonly step: () => unknown
  /** What the last step came to: the loss, and norms of the other results. */
  readonly read: () => number[]
}

/** What a parent asks for. */
export type Request =
  | { readonly do: 'prepare'; readonly problem: string; readonly warmUpSeconds: number }
  | { readonly do: 'results'; readonly steps: number }
  | { readonly do: 'measure'; readonly seconds: number }
  | { readonly do: 'run'; readonly steps: number; readonly seconds: number }

/** What a process holds, in megabytes. */
export interface Memory {
  /** Resident now, and the most so far. */
  readonly resident: number
  readonly peak: number
  /** JavaScript's heap, and the buffers of typed arrays; 0 where there is no such thing. */
  readonly heap: number
  readonly arrays: number
}

/** What a worker answers. */
export interface Answer {
  /** Why the subject cannot do this. */
  readonly unavailable?: string
  /** Whether it cannot do anything: what it consists of is not there. */
  readonly isMissing?: boolean
  /** Milliseconds of the very first step in this process: with everything that is made or compiled at first use. */
  readonly firstMs?: number
  /** Name and version of what does the work, as a machine description shows it. */
  readonly about?: string
  readonly results?: readonly (readonly number[])[]
  readonly samples?: readonly number[]
  /** How many steps were done in the time, and what the process holds behind them, in megabytes. */
  readonly steps?: number
  readonly memory?: Memory
}

/** A sample takes at least so long, so that its share of garbage collection is inside. */
const SAMPLE_MS = 2

/** Answers requests until the input ends. */
export async function serve(
  make: (problem: Problem) => Task | Promise<Task>,
  about: () => string | Promise<string>,
): Promise<void> {
  let path = ''
  let task: Task | undefined
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request
    let answer: Answer
    try {
      if (request.do === 'prepare') {
        path = request.problem
        task = await make(readProblem(path))
        answer = { ...prepared(task, request.warmUpSeconds), about: await about() }
      } else if (request.do === 'results') {
        answer = { results: resultsOf(await make(readProblem(path)), request.steps) }
      } else if (request.do === 'measure') {
        answer = { samples: samplesOf(task!, request.seconds) }
      } else {
        answer = runOf(task!, request.steps, request.seconds)
      }
    } catch (error) {
      const unavailable = error instanceof Error ? error.message : String(error)
      answer = { unavailable, isMissing: error instanceof MissingError }
    }
    process.stdout.write(`${MARK}${JSON.stringify(answer)}\n`)
  }
}

function prepared(task: Task, seconds: number): Answer {
  const start = performance.now()
  task.step()
  const firstMs = performance.now() - start
  while (performance.now() - start < 1e3 * seconds) task.step()
  return { firstMs }
}

function resultsOf(task: Task, steps: number): number[][] {
  return Array.from({ length: steps }, () => {
    task.step()
    return task.read()
  })
}

function samplesOf(task: Task, seconds: number): number[] {
  const samples: number[] = []
  const start = performance.now()
  let batch = 1
  for (let now = start; samples.length === 0 || now - start < 1e3 * seconds; ) {
    for (let i = 0; i < batch; i++) task.step()
    const end = performance.now()
    const each = (end - now) / batch
    // The first samples only find out how many steps make a sample.
    if (each * batch >= SAMPLE_MS / 2) samples.push(each)
    batch = Math.max(1, Math.ceil(SAMPLE_MS / Math.max(each, 1e-6)))
    now = performance.now()
  }
  return samples
}

function runOf(task: Task, steps: number, seconds: number): Answer {
  const start = performance.now()
  let done = 0
  while (done < steps && performance.now() - start < 1e3 * seconds) {
    task.step()
    done++
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  const memory = {
    resident: rss / 1e6,
    peak: Math.max(rss / 1e6, peakMegabytes()),
    heap: heapUsed / 1e6,
    arrays: arrayBuffers / 1e6,
  }
  return { steps: done, memory }
}

/** The system's own figure where there is one: `maxRSS` may begin with that of the process that started this one. */
function peakMegabytes(): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))
    if (found !== null) return Number(found[1]) / 1e3
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS / 1e3
}

/** The Euclidean length of all numbers together, by which results of any layout can be compared. */
export function norm(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!
  return Math.sqrt(sum)
}
