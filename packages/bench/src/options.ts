/** What `npm run bench` is told. */

import { parseArgs } from 'node:util'

/** A request that cannot be followed; its message says what would be. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
}

/** Parts of the bench that are no workloads of the table, in their order. */
export const SECTIONS = ['compile', 'coldStart', 'peak', 'memory'] as const

export type Section = (typeof SECTIONS)[number]

/** The request, read. */
export interface Options {
  readonly quick: boolean
  readonly json: string | undefined
  /** Workloads, groups and sections in lower case; undefined for all. */
  readonly only: readonly string[] | undefined
  readonly subjects: string | undefined
  readonly peers: string
  readonly list: boolean
  readonly against: string | undefined
  readonly help: boolean
}

export const USAGE = `npm run bench -- [options]

  --quick             fewer and shorter rounds
  --only W3,W8,...    workloads, groups of them, or sections; --list shows all
  --subjects TEXT     only these subjects, separated by '|': whole names, or parts that names contain
  --peers LIST        none, all (default), or some of tfjs, jax-js, js-pytorch, torch, numpy
  --against REF       Adjoint's own subjects of this work tree beside those of a commit
  --json FILE         also write the rows to a file
  --list              workloads, sections and subjects; nothing is run`

/** Reads the arguments. @throws RequestError for what is not known. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        only: { type: 'string' },
        subjects: { type: 'string' },
        peers: { type: 'string', default: 'all' },
        list: { type: 'boolean', default: false },
        against: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    return {
      quick: values.quick,
      json: values.json,
      only: values.only?.split(',').map(name => name.trim().toLowerCase()),
      subjects: values.subjects,
      peers: values.peers,
      list: values.list,
      against: values.against,
      help: values.help,
    }
  } catch (error) {
    throw new RequestError(`${(error as Error).message}\n\n${USAGE}`)
  }
}

/** What `--only` leaves of workloads and sections. @throws RequestError for a name that neither has. */
export function chosen<W extends { readonly id: string; readonly groups: readonly string[] }>(
  only: readonly string[] | undefined,
  workloads: readonly W[],
): { readonly workloads: readonly W[]; readonly sections: readonly Section[] } {
  if (only === undefined) return { workloads, sections: SECTIONS }
  const namesOf = ({ id, groups }: W): readonly string[] => [id, ...groups].map(name => name.toLowerCase())
  const known = new Set([...workloads.flatMap(namesOf), ...SECTIONS.map(name => name.toLowerCase())])
  const unknown = only.filter(name => !known.has(name))
  if (unknown.length > 0) {
    throw new RequestError(
      `--only knows no '${unknown.join("', '")}'; \`npm run bench -- --list\` shows all names.`,
    )
  }
  return {
    workloads: workloads.filter(workload => namesOf(workload).some(name => only.includes(name))),
    sections: SECTIONS.filter(name => only.includes(name.toLowerCase())),
  }
}
