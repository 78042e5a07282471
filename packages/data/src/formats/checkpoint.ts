/** Checkpoints: a tree of tensors and plain values in one safetensors file, exact to the bit. */
import { ArgumentError, Tensor } from '@adjoint/core/functional'
import { FormatError, shownName } from '../files/formatError.ts'
import { readFileBytes, writeFileBytes } from '../files/nodeFiles.ts'
import { expectBytes } from './elements.ts'
import { describeJson, isUnsafeName, repeatedKey, setOwn } from './json.ts'
import { METADATA, readAs, writeAs } from './safetensors.ts'

/** What a checkpoint holds: tensors and plain values, nested in arrays and plain objects. */
export type CheckpointTree =
  | Tensor
  | number
  | bigint
  | string
  | boolean
  | null
  | readonly CheckpointTree[]
  | { readonly [key: string]: CheckpointTree }

/** The texts that tell a checkpoint from any other safetensors file. */
const FORMAT = 'adjoint-checkpoint'
const VERSION = '1'

/** A deeper tree is a mistake, or made to overflow the stack. */
const DEEPEST = 200

/**
 * The tree as it stands in the file: JSON, in which a value that JSON has not is an object with one key that says what it
 * is. Objects of the tree are lists of pairs, so that no key of theirs can be taken for one of these.
 */
type Encoded =
  | number
  | string
  | boolean
  | null
  | readonly Encoded[]
  | { readonly record: readonly (readonly [string, Encoded])[] }
  | { readonly tensor: string }
  | { readonly number: string }
  | { readonly bigint: string }

/**
 * Writes a tree into a file, which is replaced as a whole or not at all: a crash leaves the old checkpoint or the new one.
 * Tensors keep every bit, numbers too, also NaN, -0 and infinity. A tensor that is in the tree twice is stored once. A
 * parameter is stored as its values. The file is a safetensors file; its tensors have their paths as names. Node only.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { Rng, type Tensor, tensor } from '@adjoint/core'
 * import { loadCheckpoint, saveCheckpoint } from '@adjoint/data'
 * const folder = mkdtempSync(join(tmpdir(), 'adjoint-'))
 * const file = join(folder, 'run.safetensors')
 * saveCheckpoint(file, { model: { weight: tensor([1, 2]) }, rng: new Rng(7).state, epoch: 3 })
 * const { model, epoch } = loadCheckpoint<{ model: { weight: Tensor }; epoch: number }>(file)
 * rmSync(folder, { recursive: true })
 * model.weight.toArray() // => [1, 2]
 * epoch // => 3
 * ```
 * @throws ArgumentError for what no checkpoint can hold (functions, class instances, undefined); says where in the tree.
 * @throws FileError when the file cannot be written; what was there is still there.
 */
export function saveCheckpoint(file: string, tree: unknown): void {
  writeFileBytes('saveCheckpoint', file, encode('saveCheckpoint', tree))
}

/**
 * The tree that {@link saveCheckpoint} wrote. Node only. Its type is what the caller says; the file is checked, but not
 * whether this is the tree that was expected: `loadState` and the like check what they are given.
 *
 * @throws FileError when the file cannot be read.
 * @throws FormatError when it is damaged or no checkpoint.
 */
export function loadCheckpoint<Saved = CheckpointTree>(file: string): Saved {
  return decode('loadCheckpoint', readFileBytes('loadCheckpoint', file), file) as Saved
}

/** The bytes that {@link saveCheckpoint} writes. The same tree always gives the same bytes. */
export function encodeCheckpoint(tree: unknown): Uint8Array {
  return encode('encodeCheckpoint', tree)
}

/**
 * The tree in the bytes of a checkpoint, of the type that the caller says.
 *
 * @throws FormatError when they are damaged or no checkpoint.
 */
export function decodeCheckpoint<Saved = CheckpointTree>(bytes: Uint8Array | ArrayBuffer): Saved {
  return decode('decodeCheckpoint', expectBytes('decodeCheckpoint', bytes)) as Saved
}

function encode(op: string, tree: unknown): Uint8Array {
  const tensors: Record<string, Tensor> = {}
  const names = new Map<Tensor, string>()
  /** The objects that the walk is inside of. */
  const open = new Set<object>()

  const nameOf = (x: Tensor, path: string): string => {
    const known = names.get(x)
    if (known !== undefined) return known
    // Two paths may read the same: { a: { 'b.c': x } } and { 'a.b': { c: x } }.
    let name = path === METADATA ? `${path}#1` : path
    for (let copy = 2; Object.hasOwn(tensors, name); copy++) name = `${path}#${copy}`
    tensors[name] = x
    names.set(x, name)
    return name
  }
  const inside = (value: object, path: string, body: () => Encoded): Encoded => {
    if (open.has(value)) throw refusal(op, path, 'the tree contains itself here')
    if (open.size >= DEEPEST) throw refusal(op, path, `the tree is more than ${DEEPEST} levels deep`)
    open.add(value)
    const encoded = body()
    open.delete(value)
    return encoded
  }
  const walk = (value: unknown, path: string): Encoded => {
    if (value === null || typeof value === 'boolean') return value
    if (typeof value === 'string') return checkedText(op, value, path)
    if (typeof value === 'number') {
      if (Number.isFinite(value) && !Object.is(value, -0)) return value
      return { number: Object.is(value, -0) ? '-0' : String(value) }
    }
    if (typeof value === 'bigint') {
      const digits = String(value)
      if (digits.length > LONGEST_BIGINT) throw refusal(op, path, 'the whole number is too long')
      return { bigint: digits }
    }
    if (value instanceof Tensor) return { tensor: nameOf(value, path === '' ? 'value' : path) }
    if (Array.isArray(value)) {
      return inside(value, path, () => Array.from(value, (item, at) => walk(item, join(path, String(at)))))
    }
    if (isPlain(value)) {
      return inside(value, path, () => ({
        record: Object.entries(value).map(([key, item]) => {
          if (isUnsafeName(key)) throw refusal(op, path, `the key ${shownName(key)} is not a safe one`)
          return [checkedText(op, key, path), walk(item, join(path, key))] as const
        }),
      }))
    }
    throw refusal(op, path, `found ${describeValue(value)}`)
  }
  const metadata = { format: FORMAT, version: VERSION, tree: JSON.stringify(walk(tree, '')) }
  return writeAs(op, tensors, metadata)
}

function decode(op: string, bytes: Uint8Array, file?: string): CheckpointTree {
  const { tensors, metadata } = readAs(op, bytes, file)
  const refuse = (message: string, entry?: string): never => {
    throw new FormatError(op, message, { file, entry })
  }
  const own = (key: string): string | undefined => (Object.hasOwn(metadata, key) ? metadata[key] : undefined)
  if (own('format') !== FORMAT) {
    return refuse('this safetensors file is no checkpoint; read it with readSafetensors.')
  }
  if (own('version') !== VERSION) {
    return refuse(
      `a checkpoint of version ${shownName(String(own('version')))} cannot be read; ${VERSION} can.`,
    )
  }
  let encoded: unknown
  const text = own('tree') ?? ''
  try {
    encoded = JSON.parse(text)
  } catch (error) {
    return refuse(`its tree is not JSON (${(error as Error).message.slice(0, 120)}).`)
  }
  const repeated = repeatedKey(text)
  if (repeated !== undefined)
    return refuse(`its tree has ${shownName(repeated.key)} twice in the same place.`)
  const used = new Set<string>()
  const walk = (value: unknown, path: string, depth: number): CheckpointTree => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'number') return value
    if (depth >= DEEPEST) return refuse(`the tree is more than ${DEEPEST} levels deep.`, path)
    if (Array.isArray(value)) return value.map((item, at) => walk(item, join(path, String(at)), depth + 1))
    const entries = Object.entries(value as object)
    const [kind, content] = entries.length === 1 ? entries[0]! : []
    if (kind === 'record' && Array.isArray(content)) return walkRecord(content, path, depth)
    if (kind === 'tensor' && typeof content === 'string') {
      used.add(content)
      return Object.hasOwn(tensors, content)
        ? tensors[content]!
        : refuse(`the file lacks the tensor ${shownName(content)}.`, path)
    }
    if (kind === 'number' && typeof content === 'string') {
      const number = SPECIAL_NUMBERS.get(content)
      if (number !== undefined) return number
    }
    if (kind === 'bigint' && typeof content === 'string' && /^(?:0|-?[1-9]\d*)$/.test(content)) {
      return content.length <= LONGEST_BIGINT
        ? BigInt(content)
        : refuse('the whole number is too long.', path)
    }
    return refuse(`the tree holds what no checkpoint has: ${describeJson(kind ?? value)}.`, path)
  }
  const walkRecord = (pairs: readonly unknown[], path: string, depth: number): CheckpointTree => {
    const record: Record<string, CheckpointTree> = {}
    for (const pair of pairs) {
      if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') {
        return refuse('an entry of the tree is no pair of a key and a value.', path)
      }
      const [key, item] = pair as [string, unknown]
      if (isUnsafeName(key)) return refuse(`the key ${shownName(key)} is not a safe one.`, path)
      if (Object.hasOwn(record, key)) return refuse(`the key ${shownName(key)} is there twice.`, path)
      setOwn(record, key, walk(item, join(path, key), depth + 1))
    }
    return record
  }
  const tree = walk(encoded, '', 0)
  const unused = Object.keys(tensors).find(name => !used.has(name))
  if (unused !== undefined) return refuse('this tensor has no place in the tree.', unused)
  return tree
}

const SPECIAL_NUMBERS: ReadonlyMap<string, number> = /* @__PURE__ */ new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
])

/** Reading a number takes time that grows faster than its length. */
const LONGEST_BIGINT = 10_000

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function checkedText(op: string, text: string, path: string): string {
  if (!/\p{Surrogate}/u.test(text)) return text
  throw refusal(op, path, `the text ${shownName(text)} has a lone surrogate, which UTF-8 cannot hold`)
}

function refusal(op: string, path: string, problem: string): ArgumentError {
  const where = path === '' ? '' : `${shownName(path)}: `
  return new ArgumentError(
    op,
    `${where}${problem}. A checkpoint holds tensors, numbers, texts, truth values and null, in arrays and plain objects; ` +
      'of a model take stateOf(model), of an optimizer or a generator its state.',
  )
}

function describeValue(value: unknown): string {
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'undefined' : `a ${typeof value}`
  return `an instance of ${value.constructor?.name ?? 'a class'}`
}
