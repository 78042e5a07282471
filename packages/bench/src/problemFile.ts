/** The numbers of a workload as files that workers of every language read: `<id>.json` describes, `<id>.bin` holds them. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Settings, type Values, valuesOf, type Workload } from './workload.ts'

/** Where an array lies in the binary file; all numbers are little endian. */
interface Place {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'int32'
  /** In bytes. */
  readonly offset: number
  readonly count: number
}

/** What a worker gets. */
export interface Problem {
  readonly id: string
  readonly family: Workload['family']
  readonly settings: Settings
  readonly flops: number
  readonly arrays: Readonly<Record<string, Values>>
}

/** Writes the numbers of a workload and returns the path of the description. */
export function writeProblem(folder: string, workload: Workload): string {
  const places: Record<string, Place> = {}
  const parts: Uint8Array[] = []
  let offset = 0
  for (const [name, { shape, data }] of Object.entries(valuesOf(workload))) {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32'
    places[name] = { shape, dtype, offset, count: data.length }
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    offset += data.byteLength
  }
  const { id, family, settings, flops = 0 } = workload
  const path = join(folder, `${id}.json`)
  writeFileSync(join(folder, `${id}.bin`), Buffer.concat(parts))
  writeFileSync(path, JSON.stringify({ id, family, settings, flops, arrays: places }))
  return path
}

/** Reads what {@link writeProblem} wrote; the arrays are fresh ones at every call. */
export function readProblem(path: string): Problem {
  const description = JSON.parse(readFileSync(path, 'utf8')) as Omit<Problem, 'arrays'> & {
    readonly arrays: Readonly<Record<string, Place>>
  }
  const bytes = readFileSync(path.replace(/\.json$/, '.bin'))
  const arrays = Object.entries(description.arrays).map(
    ([name, { shape, dtype, offset, count }]): [string, Values] => {
      // A copy: the buffer of a file need not begin at a multiple of 4.
      const part = Uint8Array.from(bytes.subarray(offset, offset + 4 * count)).buffer
      return [name, { shape, data: dtype === 'int32' ? new Int32Array(part) : new Float32Array(part) }]
    },
  )
  return { ...description, arrays: Object.fromEntries(arrays) }
}
