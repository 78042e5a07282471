/** Times the subjects of a workload in one run, taking turns, so that a noisy machine is noisy for all of them. */

import { measure as sample } from 'mitata'
import type { Subject, Workload } from './workload.ts'

/** One row of the result. */
export interface Row {
  readonly workload: string
  readonly subject: string
  readonly medianMicroseconds: number
  readonly p10: number
  readonly p90: number
  /** Median over the best median of the workload. */
  readonly ratioToBest: number
}

/** Times each subject `rounds` times for `seconds` each and returns the quantiles over all samples. */
export async function measureWorkload(workload: Workload, rounds: number, seconds: number): Promise<Row[]> {
  const samples = new Map<Subject, number[]>(workload.subjects.map(subject => [subject, []]))
  for (let round = 0; round < rounds; round++) {
    for (const subject of workload.subjects) {
      const stats = await sample(subject.run, { min_cpu_time: seconds * 1e9, batch_samples: 4096 })
      for (const nanoseconds of stats.samples) samples.get(subject)!.push(nanoseconds)
    }
  }
  const medians = workload.subjects.map(subject => quantile(samples.get(subject)!, 0.5))
  const best = Math.min(...medians)
  return workload.subjects.map((subject, i) => ({
    workload: workload.name,
    subject: subject.name,
    medianMicroseconds: medians[i]! / 1e3,
    p10: quantile(samples.get(subject)!, 0.1) / 1e3,
    p90: quantile(samples.get(subject)!, 0.9) / 1e3,
    ratioToBest: medians[i]! / best,
  }))
}

function quantile(values: number[], share: number): number {
  const sorted = values.sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
}
