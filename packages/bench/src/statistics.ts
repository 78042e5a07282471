/** Figures from samples, and whether subjects came to the same results. */

/** The value below which a share of the samples lies: the nearest sample, of the lower ones where two are as near. */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) return Number.NaN
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.ceil(share * (sorted.length - 1) - 0.5)]!
}

/** What a subject came to, and what it took. */
export interface Measured {
  readonly subject: string
  /** Milliseconds per step. */
  readonly samples: readonly number[]
  /** Losses after each step, or the loss and norms of gradients. `undefined` for what is a limit and not a subject. */
  readonly results?: readonly number[]
}

/** One row of the result, as `--json` writes it. */
export interface Row {
  readonly workload: string
  readonly subject: string
  readonly medianMs: number
  readonly p10: number
  readonly p90: number
  /** Median over the best median of the subjects whose results agree. */
  readonly ratioToBest: number
  /** Largest relative difference from the result that most subjects agree on; null for a limit. */
  readonly difference: number | null
  /** Whether the results agree with those of the others; what does not is never the best. */
  readonly agrees: boolean
}

/** The rows of one workload, in the order of the subjects. */
export function rowsOf(workload: string, measured: readonly Measured[], tolerance: number): Row[] {
  const accepted = acceptedResults(measured, tolerance)
  const medians = measured.map(({ samples }) => quantile(samples, 0.5))
  const differences = measured.map(({ results }) =>
    results === undefined || accepted === undefined ? null : relativeDifference(results, accepted),
  )
  const agree = differences.map(difference => difference !== null && difference <= tolerance)
  const best = Math.min(...medians.filter((_, i) => agree[i]))
  return measured.map(({ subject, samples }, i) => ({
    workload,
    subject,
    medianMs: medians[i]!,
    p10: quantile(samples, 0.1),
    p90: quantile(samples, 0.9),
    ratioToBest: medians[i]! / best,
    difference: differences[i]!,
    agrees: agree[i]!,
  }))
}

/** The results that most subjects agree with; the first ones where two are equal. */
export function acceptedResults(
  measured: readonly Pick<Measured, 'results'>[],
  tolerance: number,
): readonly number[] | undefined {
  let [accepted, votes]: [readonly number[] | undefined, number] = [undefined, 0]
  const all = measured.flatMap(({ results }) => (results === undefined ? [] : [results]))
  for (const candidate of all) {
    const found = all.filter(other => relativeDifference(other, candidate) <= tolerance).length
    if (found > votes) [accepted, votes] = [candidate, found]
  }
  return accepted ?? all[0]
}

/** The largest difference, relative to the expected number; infinite where numbers are missing or are no numbers. */
export function relativeDifference(results: readonly number[], expected: readonly number[]): number {
  if (results.length !== expected.length) return Number.POSITIVE_INFINITY
  let largest = 0
  for (let i = 0; i < results.length; i++) {
    const difference = Math.abs(results[i]! - expected[i]!)
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY
    if (difference > 0) largest = Math.max(largest, difference / Math.max(Math.abs(expected[i]!), 1e-30))
  }
  return largest
}
