/** Reads a folder of reference cases and believes nothing that it has not checked. */
import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { ParityInputError } from './errors.ts'
import { type ParityCase, type ParityGroup, type ParitySet, STORED_DTYPES, type Tolerance } from './format.ts'

/** The `format` field of every file. */
const FORMAT = 'oracle-1'

/** No file of a set is that long; a small compressed file that claims to be is a mistake or an attack. */
const MOST_BYTES = 256 * 1024 * 1024

/** Tensors stand a few levels down in a case; deeper nesting is no case. */
const MOST_LEVELS = 64

type Json = Readonly<Record<string, unknown>>

/**
 * The cases of a folder: `manifest.json` and the files that it names, each as it is or compressed with `.gz` appended.
 *
 * @param only read these groups only; all without it
 * @throws ParityInputError for a folder without a manifest, another format, text that is no JSON, a checksum or a count that
 * does not hold, a tensor whose data do not fill its shape, an id that stands twice, a group that does not exist.
 */
export function readSet(folder: string, only?: readonly string[]): ParitySet {
  if (!(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false)) {
    throw new ParityInputError(`${folder} is no folder.`)
  }
  const manifest = parse(join(folder, 'manifest.json'), readBytes(join(folder, 'manifest.json')))
  const files = filesOf(join(folder, 'manifest.json'), manifest)
  const names = [...new Set(files.map(file => file.group))]
  const missing = only?.find(group => !names.includes(group))
  if (missing !== undefined) {
    throw new ParityInputError(
      `there is no group "${missing}" in ${folder}; its groups are ${names.join(', ')}.`,
    )
  }
  const seen = new Set<string>()
  const groups = new Map<string, ParityCase[]>()
  for (const file of files) {
    if (only !== undefined && !only.includes(file.group)) continue
    const cases = readGroup(join(folder, file.file), file, seen)
    groups.set(file.group, [...(groups.get(file.group) ?? []), ...cases])
  }
  const total = files.reduce((sum, { count }) => sum + count, 0)
  if (manifest.total !== undefined && manifest.total !== total) {
    throw new ParityInputError(
      `${join(folder, 'manifest.json')}: total is ${String(manifest.total)}, the files have ${total} cases.`,
    )
  }
  return {
    set: String(manifest.set ?? ''),
    torch: String(manifest.torch ?? ''),
    groups: [...groups].map(([name, cases]): ParityGroup => ({ group: name, cases })),
  }
}

interface ManifestEntry {
  readonly file: string
  readonly group: string
  readonly count: number
  readonly bytes: number | undefined
  readonly sha256: string | undefined
}

function filesOf(path: string, manifest: Json): ManifestEntry[] {
  if (!Array.isArray(manifest.files)) throw new ParityInputError(`${path}: files is no list.`)
  return manifest.files.map((entry: unknown, at): ManifestEntry => {
    const where = `${path}: files[${at}]`
    if (!isRecord(entry)) throw new ParityInputError(`${where} is no record.`)
    const { file, group, count, bytes, sha256 } = entry
    // A plain name in the folder itself: no path that leads out of it.
    if (typeof file !== 'string' || !/^[\w-][\w.-]*\.json$/.test(file)) {
      throw new ParityInputError(`${where}.file is ${shown(file)}; needed is the name of a .json file.`)
    }
    if (typeof group !== 'string' || group === '')
      throw new ParityInputError(`${where}.group is ${shown(group)}; needed is a name.`)
    if (!isCount(count))
      throw new ParityInputError(`${where}.count is ${shown(count)}; needed is a number of cases.`)
    if (bytes !== undefined && !isCount(bytes))
      throw new ParityInputError(`${where}.bytes is ${shown(bytes)}; needed is a length.`)
    if (sha256 !== undefined && (typeof sha256 !== 'string' || !/^[\da-f]{64}$/i.test(sha256)))
      throw new ParityInputError(`${where}.sha256 is ${shown(sha256)}; needed are 64 hexadecimal digits.`)
    return { file, group, count, bytes, sha256 }
  })
}

function readGroup(path: string, entry: ManifestEntry, seen: Set<string>): ParityCase[] {
  const bytes = readBytes(path)
  if (entry.sha256 !== undefined) {
    const found = createHash('sha256').update(bytes).digest('hex')
    if (found !== entry.sha256.toLowerCase()) {
      throw new ParityInputError(`${path}: its sha256 is ${found}, the manifest says ${entry.sha256}.`)
    }
  }
  if (entry.bytes !== undefined && entry.bytes !== bytes.length) {
    throw new ParityInputError(`${path}: it has ${bytes.length} bytes, the manifest says ${entry.bytes}.`)
  }
  const content = parse(path, bytes)
  if (content.group !== entry.group) {
    throw new ParityInputError(
      `${path}: its group is ${shown(content.group)}, the manifest says ${shown(entry.group)}.`,
    )
  }
  if (!Array.isArray(content.cases)) throw new ParityInputError(`${path}: cases is no list.`)
  for (const [what, count] of [
    ['the manifest', entry.count],
    ['its count', content.count ?? entry.count],
  ] as const) {
    if (count !== content.cases.length) {
      throw new ParityInputError(
        `${path}: it has ${content.cases.length} cases, ${what} says ${String(count)}.`,
      )
    }
  }
  return content.cases.map((stored: unknown, at) => {
    const found = toCase(`${path}: cases[${at}]`, stored, entry.group)
    if (seen.has(found.id)) throw new ParityInputError(`${path}: the id ${shown(found.id)} stands twice.`)
    seen.add(found.id)
    return found
  })
}

function toCase(where: string, stored: unknown, group: string): ParityCase {
  if (!isRecord(stored)) throw new ParityInputError(`${where} is no record.`)
  for (const name of ['id', 'op', 'kind'] as const) {
    if (typeof stored[name] !== 'string' || stored[name] === '')
      throw new ParityInputError(`${where}.${name} is ${shown(stored[name])}; needed is a text.`)
  }
  const id = stored.id as string
  const place = `${where} (${id})`
  if (stored.group !== undefined && stored.group !== group)
    throw new ParityInputError(
      `${place}.group is ${shown(stored.group)}; the file is of group ${shown(group)}.`,
    )
  const attrs = stored.attrs ?? {}
  if (!isRecord(attrs)) throw new ParityInputError(`${place}.attrs is no record.`)
  const tags = stored.tags ?? []
  if (!Array.isArray(tags) || !tags.every(tag => typeof tag === 'string'))
    throw new ParityInputError(`${place}.tags is no list of texts.`)
  expectTensors(place, stored)
  return {
    id,
    group,
    op: stored.op as string,
    kind: stored.kind as string,
    attrs,
    tags,
    note: typeof stored.note === 'string' ? stored.note : undefined,
    tol: stored.tol === undefined ? undefined : toTolerance(place, stored.tol),
    record: stored,
  }
}

function toTolerance(place: string, stored: unknown): Tolerance {
  const { rtol, atol } = isRecord(stored) ? stored : {}
  for (const value of [rtol, atol]) {
    if (typeof value !== 'number' || !(value >= 0 && value < Infinity))
      throw new ParityInputError(`${place}.tol is ${shown(stored)}; needed are rtol and atol from 0 up.`)
  }
  return { rtol: rtol as number, atol: atol as number }
}

/** Checks every tensor in a case, wherever it stands: what has a shape and data is one. */
function expectTensors(where: string, value: unknown, level = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (level > MOST_LEVELS)
    throw new ParityInputError(`${where} is nested more than ${MOST_LEVELS} levels deep.`)
  if (Array.isArray(value)) {
    for (const [at, entry] of value.entries()) {
      if (typeof entry === 'object') expectTensors(`${where}[${at}]`, entry, level + 1)
    }
    return
  }
  const record = value as Json
  if ('shape' in record && 'data' in record) expectTensor(where, record)
  else for (const [name, entry] of Object.entries(record)) expectTensors(`${where}.${name}`, entry, level + 1)
}

function expectTensor(where: string, { shape, dtype, data, name }: Json): void {
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw new ParityInputError(`${where}.shape is ${shown(shape)}; needed are whole numbers from 0 up.`)
  if (!(STORED_DTYPES as readonly unknown[]).includes(dtype))
    throw new ParityInputError(
      `${where}.dtype is ${shown(dtype)}; needed is one of ${STORED_DTYPES.join(', ')}.`,
    )
  if (name !== undefined && typeof name !== 'string')
    throw new ParityInputError(`${where}.name is ${shown(name)}; needed is a text.`)
  if (!Array.isArray(data)) throw new ParityInputError(`${where}.data is no list.`)
  const size = shape.reduce((product: number, length: number) => product * length, 1)
  if (data.length !== size) {
    throw new ParityInputError(
      `${where} has shape [${shape.join(', ')}], which is ${size} elements; its data are ${data.length}.`,
    )
  }
  const fits = ELEMENTS[dtype as (typeof STORED_DTYPES)[number]]
  const at = data.findIndex(element => !fits(element))
  if (at >= 0)
    throw new ParityInputError(`${where}.data[${at}] is ${shown(data[at])}; that is no ${String(dtype)}.`)
}

const isFloat = (element: unknown): boolean =>
  typeof element === 'number' || element === 'NaN' || element === 'Infinity' || element === '-Infinity'
const isWhole =
  (least: number, most: number) =>
  (element: unknown): boolean =>
    typeof element === 'number' && Number.isInteger(element) && element >= least && element <= most

const ELEMENTS: Readonly<Record<(typeof STORED_DTYPES)[number], (element: unknown) => boolean>> = {
  float64: isFloat,
  float32: isFloat,
  // Beyond 2^53 the text of the file was another number already.
  int64: isWhole(-(2 ** 63), 2 ** 63),
  int32: isWhole(-(2 ** 31), 2 ** 31 - 1),
  uint8: isWhole(0, 255),
  bool: element => typeof element === 'boolean',
}

/** The bytes of a file, uncompressed; `path.gz` when there is no `path`. */
function readBytes(path: string): Buffer {
  const compressed = !isFile(path) && isFile(`${path}.gz`)
  const actual = compressed ? `${path}.gz` : path
  try {
    if (!isFile(actual)) throw new Error('there is no such file')
    if (statSync(actual).size > MOST_BYTES) throw new Error(`it is longer than ${MOST_BYTES} bytes`)
    const bytes = readFileSync(actual)
    return compressed ? gunzipSync(bytes, { maxOutputLength: MOST_BYTES }) : bytes
  } catch (error) {
    throw new ParityInputError(`cannot read ${actual}: ${messageOf(error)}.`, { cause: error })
  }
}

function parse(path: string, bytes: Buffer): Json {
  let content: unknown
  try {
    content = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    throw new ParityInputError(`${path} is no JSON: ${messageOf(error)}`, { cause: error })
  }
  if (!isRecord(content)) throw new ParityInputError(`${path} is no record.`)
  if (content.format !== FORMAT) {
    throw new ParityInputError(
      `${path}: its format is ${shown(content.format)}; this command reads "${FORMAT}".`,
    )
  }
  return content
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** A value of a file in a message, shortened. */
function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`
}
