/** The command as a function. */
import { resolve } from 'node:path'
import type { OutputStream } from '../progress.ts'
import { prepareFile, writeFile } from '../writeFile.ts'
import { ENGINES } from './engine.ts'
import { ParityInputError } from './errors.ts'
import { type GroupResult, type GroupSummary, runSet, summaryOf } from './parity.ts'
import { readSet } from './readSet.ts'
import { describeResults } from './report.ts'

/** Settings of {@link runParity}. */
export interface ParityOptions {
  /** Folder of the cases, with its `manifest.json`. */
  readonly dir: string
  /** Run this group only, or these. */
  readonly group?: string | readonly string[] | undefined
  /** How the cases are computed: `'eager'` or `'compiled'`. Default `'eager'`. */
  readonly engine?: string | undefined
  /** File for the counts as JSON; none by default. */
  readonly json?: string | undefined
  /** Where the report goes. Default: the standard output. */
  readonly stream?: OutputStream
}

/** What `--json` writes. */
export interface ParitySummary {
  readonly groups: readonly GroupSummary[]
}

/**
 * Runs every case of a folder of reference cases through Adjoint and reports which agree. A case that Adjoint has no ops for
 * counts as not covered, never as passed.
 *
 * @example
 * ```ts no-run
 * // Reads a folder.
 * import { runParity } from '@adjoint/cli'
 * const { groups } = runParity({ dir: 'cases', group: 'linalg' })
 * groups.every(({ failed }) => failed === 0)
 * ```
 * @throws ParityInputError for a folder that is not what the format says; WriteError when the JSON file cannot be written,
 * which is found before the cases run.
 */
export function runParity({
  dir,
  group,
  engine: name = 'eager',
  json,
  stream = process.stdout,
}: ParityOptions): ParitySummary {
  if (json !== undefined) prepareFile(resolve(json), '--json')
  const engine = ENGINES[name]
  if (engine === undefined) {
    const known = Object.keys(ENGINES).join(', ')
    throw new ParityInputError(`there is no engine "${name}"; there are ${known}.`)
  }
  const set = readSet(dir, typeof group === 'string' ? [group] : group)
  stream.write(`Cases of the set "${set.set}", computed by PyTorch ${set.torch}; engine: ${name}\n\n`)
  const results: GroupResult[] = [...runSet(set, engine)]
  const summary: ParitySummary = { groups: results.map(summaryOf) }
  stream.write(`${describeResults(results)}\n`)
  if (json !== undefined) writeFile(resolve(json), '--json', `${JSON.stringify(summary, null, 2)}\n`)
  return summary
}
