/** What is not the time of a step: the first call, the start of a process, and memory. */

import { spawnSync } from 'node:child_process'
import type { Effort, Runnable } from './measure.ts'
import { reasonIn, Worker } from './process.ts'
import { quantile, type Row } from './statistics.ts'
import type { Memory } from './worker.ts'

/** Times of something that is done once in a process: each time in a new one, in turns. */
async function inTurns(
  workload: string,
  names: readonly string[],
  rounds: number,
  once: (index: number) => Promise<number | string>,
  report: (subject: string, reason: string) => void,
): Promise<Row[]> {
  const samples = names.map((): number[] => [])
  const failed = new Set<number>()
  for (let round = 0; round < rounds; round++) {
    for (const [i, name] of names.entries()) {
      if (failed.has(i)) continue
      const taken = await once(i)
      if (typeof taken === 'number') samples[i]!.push(taken)
      else {
        failed.add(i)
        report(name, taken)
      }
    }
  }
  const done = names.flatMap((subject, i) => (failed.has(i) ? [] : [{ subject, samples: samples[i]! }]))
  const best = Math.min(...done.map(({ samples }) => quantile(samples, 0.5)))
  return done.map(({ subject, samples }) => ({
    workload,
    subject,
    medianMs: quantile(samples, 0.5),
    p10: quantile(samples, 0.1),
    p90: quantile(samples, 0.9),
    ratioToBest: quantile(samples, 0.5) / best,
    difference: null,
    agrees: true,
  }))
}

/** The first step in a new process: tracing, compiling, and the step. */
export function firstCalls(
  workload: string,
  problem: string,
  runnables: readonly Runnable[],
  { rounds, patienceSeconds }: Effort,
  report: (subject: string, reason: string) => void,
): Promise<Row[]> {
  const once = async (index: number): Promise<number | string> => {
    const worker = new Worker(runnables[index]!.command)
    const answer = await worker.ask({ do: 'prepare', problem, warmUpSeconds: 0 }, patienceSeconds)
    worker.end()
    return answer.unavailable ?? answer.firstMs!
  }
  const names = runnables.map(({ name }) => name)
  return inTurns(workload, names, rounds, once, report)
}

/** From the start of a process to its end; in between it computes one gradient. */
export function coldStarts(
  runnables: readonly Runnable[],
  rounds: number,
  report: (subject: string, reason: string) => void,
): Promise<Row[]> {
  const once = (index: number): Promise<number | string> => {
    const { file, args, env } = runnables[index]!.command
    const start = performance.now()
    const { status, stderr } = spawnSync(file, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
    const taken = performance.now() - start
    return Promise.resolve(status === 0 ? taken : (reasonIn(stderr ?? '') ?? `exit code ${status}`))
  }
  const names = runnables.map(({ name }) => name)
  return inTurns('coldStart', names, rounds, once, report)
}

/** What a process held after some steps. */
export interface MemorySample extends Memory {
  readonly subject: string
  readonly step: number
}

/** Runs a workload in `parts` equal parts and says after each what the process holds. */
export async function memoryOver(
  { name, command }: Runnable,
  problem: string,
  steps: number,
  parts: number,
  seconds: number,
  report: (subject: string, reason: string) => void,
): Promise<MemorySample[]> {
  const worker = new Worker(command)
  const samples: MemorySample[] = []
  try {
    const start = await worker.ask({ do: 'prepare', problem, warmUpSeconds: 0 }, seconds + 60)
    if (start.unavailable !== undefined) {
      report(name, start.unavailable)
      return []
    }
    let step = 0
    const asked = { do: 'run', steps: steps / parts, seconds: seconds / parts } as const
    for (let part = 0; part < parts; part++) {
      const answer = await worker.ask(asked, seconds + 60)
      if (answer.unavailable !== undefined) {
        report(name, answer.unavailable)
        break
      }
      step += answer.steps!
      samples.push({ subject: name, step, ...answer.memory! })
    }
  } finally {
    worker.end()
  }
  return samples
}
