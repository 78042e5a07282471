/** Measures the subjects of a workload in turns, so that a noisy machine is noisy for all of them. */

import { Worker } from './process.ts'
import type { Measured } from './statistics.ts'
import type { Command } from './subjects.ts'

/** A subject whose process can be started. */
export interface Runnable {
  readonly name: string
  readonly command: Command
  readonly isLimit: boolean
}

/** How long and how often. */
export interface Effort {
  readonly rounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
  /** After which a subject that does not answer is ended. */
  readonly patienceSeconds: number
}

export const QUICK: Effort = { rounds: 2, seconds: 0.15, warmUpSeconds: 0.3, patienceSeconds: 60 }
export const THOROUGH: Effort = { rounds: 7, seconds: 0.5, warmUpSeconds: 1, patienceSeconds: 300 }

/** What a workload came to. */
export interface Outcome {
  readonly measured: readonly Measured[]
  /** What could not do it, and why. */
  readonly unavailable: ReadonlyMap<string, string>
  /** Those of them that can do nothing at all. */
  readonly missing: readonly string[]
  /** Versions that did the work, by subject. */
  readonly about: ReadonlyMap<string, string>
}

/**
 * Starts every subject, lets it compute the results that are compared, and then measures all of them in turns.
 */
export async function measureWorkload(
  problem: string,
  steps: number,
  runnables: readonly Runnable[],
  effort: Effort,
): Promise<Outcome> {
  const unavailable = new Map<string, string>()
  const missing: string[] = []
  const about = new Map<string, string>()
  const running: { name: string; worker: Worker; samples: number[]; results: number[] | undefined }[] = []
  const { warmUpSeconds, seconds, patienceSeconds } = effort
  try {
    for (const { name, command, isLimit } of runnables) {
      const worker = new Worker(command)
      const start = await worker.ask({ do: 'prepare', problem, warmUpSeconds }, patienceSeconds)
      const results = isLimit ? {} : await worker.ask({ do: 'results', steps }, patienceSeconds)
      const reason = start.unavailable ?? results.unavailable
      if (reason !== undefined) {
        unavailable.set(name, reason)
        if (start.isMissing) missing.push(name)
        worker.end()
        continue
      }
      about.set(name, start.about ?? '')
      running.push({ name, worker, samples: [], results: results.results?.flat() })
    }
    for (let round = 0; round < effort.rounds; round++) {
      for (const { name, worker, samples } of running) {
        if (unavailable.has(name) || isEnough(samples)) continue
        const answer = await worker.ask({ do: 'measure', seconds }, patienceSeconds)
        if (answer.unavailable !== undefined) unavailable.set(name, answer.unavailable)
        for (const sample of answer.samples ?? []) samples.push(sample)
      }
    }
  } finally {
    for (const { worker } of running) worker.end()
  }
  const measured = running
    .filter(({ name }) => !unavailable.has(name))
    .map(({ name, samples, results }) => ({
      subject: name,
      samples,
      ...(results === undefined ? {} : { results }),
    }))
  return { measured, unavailable, missing, about }
}

/** Of a step that takes longer than a second three samples are enough, of one that takes longer than five a single one. */
function isEnough(samples: readonly number[]): boolean {
  const last = samples.at(-1) ?? 0
  return last > 5e3 || (last > 1e3 && samples.length >= 3)
}
