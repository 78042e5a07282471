/** Safetensors: tensors by name in one file, with a header that says everything about them; Hugging Face's format, version 0.x. */
import { ArgumentError, type DType, DTypeError, Tensor } from '@adjoint/core/functional'
import { type FilePlace, FormatError, shownName } from '../files/formatError.ts'
import { readFileBytes, writeFileBytes } from '../files/nodeFiles.ts'
import { checkedByteLength, elementBytes, expectBytes, type FileType, readElements } from './elements.ts'
import { describeJson, isUnsafeName, repeatedKey, setOwn } from './json.ts'

/** What a safetensors file holds. */
export interface Safetensors {
  readonly tensors: Record<string, Tensor>
  /** Texts by name, the `__metadata__` of the file. */
  readonly metadata: Record<string, string>
}

/** The types of the format that tensors here can hold. */
const TYPES: Readonly<Record<string, FileType>> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
}

/** How each dtype is written. */
const WRITTEN: Readonly<Record<DType, { readonly type: string; readonly bytes: number }>> = {
  float64: { type: 'F64', bytes: 8 },
  float32: { type: 'F32', bytes: 4 },
  int32: { type: 'I32', bytes: 4 },
  bool: { type: 'BOOL', bytes: 1 },
}

/** The format allows no longer header. */
const LONGEST_HEADER = 100_000_000

/** How a zip archive begins: `PK`, 3, 4. */
const ZIP_SIGNATURE = 0x04034b50
const OPENING_BRACE = 0x7b

/** The name under which the format keeps texts. */
export const METADATA = '__metadata__'

/**
 * The tensors and texts of a safetensors file, with everything in its header checked. float16 and bfloat16 become
 * float32; whole numbers become int32, and those of 64 bits must fit. A tensor whose bytes are in memory as they must be
 * looks at the given bytes and copies nothing: leave them as they are.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { readSafetensors, writeSafetensors } from '@adjoint/data'
 * const bytes = writeSafetensors({ weight: tensor([[1, 2], [3, 4]]) }, { epoch: '3' })
 * const { tensors, metadata } = readSafetensors(bytes)
 * tensors.weight?.toArray() // => [[1, 2], [3, 4]]
 * metadata // => { epoch: '3' }
 * ```
 * @throws FormatError when the file breaks a rule of the format, or holds what tensors cannot; says where.
 */
export function readSafetensors(bytes: Uint8Array | ArrayBuffer): Safetensors {
  return readAs('readSafetensors', expectBytes('readSafetensors', bytes))
}

/**
 * {@link readSafetensors} of a file. Node only.
 *
 * @throws FileError when the file cannot be read; FormatError as above.
 */
export function readSafetensorsFile(file: string): Safetensors {
  return readAs('readSafetensorsFile', readFileBytes('readSafetensorsFile', file), file)
}

/**
 * Tensors as the bytes of a safetensors file: float32 as F32, float64 as F64, int32 as I32, bool as BOOL. The same
 * tensors always give the same bytes.
 *
 * @param metadata texts to keep beside them
 * @throws ArgumentError for what is no tensor or text, and for names that the format keeps for itself.
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return writeAs('writeSafetensors', tensors, metadata)
}

/**
 * {@link writeSafetensors} into a file, which is replaced as a whole or not at all. Node only.
 *
 * @throws FileError when the file cannot be written; what was there is still there.
 */
export function writeSafetensorsFile(
  file: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileBytes('writeSafetensorsFile', file, writeAs('writeSafetensorsFile', tensors, metadata))
}

/** One tensor of a header. */
interface Entry {
  readonly name: string
  readonly type: FileType
  readonly shape: readonly number[]
  /** First byte and the one behind the last, counted from the end of the header. */
  readonly begin: number
  readonly end: number
}

/** {@link readSafetensors} on behalf of another function. */
export function readAs(op: string, bytes: Uint8Array, file?: string): Safetensors {
  const { header, dataStart } = readHeader(op, bytes, file)
  const tensors: Record<string, Tensor> = {}
  const metadata: Record<string, string> = {}
  const entries: Entry[] = []
  for (const [name, value] of Object.entries(header)) {
    const place = { file, entry: name }
    if (name === METADATA) readMetadata(op, value, metadata, place)
    else entries.push(readEntry(op, name, value, place))
  }
  expectNoHoles(op, entries, bytes.length - dataStart, file)
  for (const { name, type, shape, begin } of entries) {
    const elements = { bytes, start: dataStart + begin, type, shape }
    setOwn(tensors, name, readElements(op, elements, { file, entry: name }))
  }
  return { tensors, metadata }
}

function readHeader(
  op: string,
  bytes: Uint8Array,
  file: string | undefined,
): { readonly header: Readonly<Record<string, unknown>>; readonly dataStart: number } {
  const refuse = (message: string, byte: number): never => {
    throw new FormatError(op, message, { file, byte })
  }
  if (bytes.length < 8) {
    return refuse(
      `a safetensors file begins with 8 bytes for the length of its header, here are ${bytes.length}.`,
      0,
    )
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8)
  if (view.getUint32(0, true) === ZIP_SIGNATURE && bytes[8] !== OPENING_BRACE) {
    return refuse(
      'this is a zip archive: torch.save and NumPy write such. From PyTorch, write the state_dict with safetensors.torch.save_file; .npz is read by readNpz.',
      0,
    )
  }
  const long = view.getBigUint64(0, true)
  if (long > LONGEST_HEADER) {
    return refuse(
      `the header would be ${long} bytes long; the format allows ${LONGEST_HEADER}. Is it a safetensors file?`,
      0,
    )
  }
  const length = Number(long)
  if (length > bytes.length - 8) {
    return refuse(`the header of ${length} bytes is cut off: only ${bytes.length - 8} bytes follow.`, 0)
  }
  if (length === 0 || bytes[8] !== OPENING_BRACE) return refuse('the header must begin with {.', 8)
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length))
  } catch {
    return refuse('the header is not UTF-8.', 8)
  }
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (error) {
    return refuse(`the header is not JSON (${(error as Error).message.slice(0, 120)}).`, 8)
  }
  const repeated = repeatedKey(text)
  if (repeated !== undefined) {
    const byte = 8 + new TextEncoder().encode(text.slice(0, repeated.at)).length
    return refuse(`the header has ${shownName(repeated.key)} twice in the same place.`, byte)
  }
  return { header: header as Readonly<Record<string, unknown>>, dataStart: 8 + length }
}

function readMetadata(op: string, value: unknown, into: Record<string, string>, place: FilePlace): void {
  if (!isRecord(value)) throw new FormatError(op, 'must be an object of texts.', place)
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new FormatError(op, `${shownName(key)} must be a text, found ${describeJson(text)}.`, place)
    }
    if (isUnsafeName(key)) throw new FormatError(op, `${shownName(key)} is not a safe name.`, place)
    setOwn(into, key, text)
  }
}

function readEntry(op: string, name: string, value: unknown, place: FilePlace): Entry {
  const refuse = (message: string): never => {
    throw new FormatError(op, message, place)
  }
  if (isUnsafeName(name)) return refuse('is not a safe name for a tensor.')
  if (!isRecord(value))
    return refuse(`must be an object with dtype, shape and data_offsets, found ${describeJson(value)}.`)
  // Only own keys: what the prototype of an object has is not in the file.
  const field = (key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined)
  const [dtype, shape, offsets] = [field('dtype'), field('shape'), field('data_offsets')]
  if (typeof dtype !== 'string') return refuse(`its dtype must be a text, found ${describeJson(dtype)}.`)
  if (!Object.hasOwn(TYPES, dtype)) {
    return refuse(`the dtype ${shownName(dtype)} cannot be read; known are ${Object.keys(TYPES).join(', ')}.`)
  }
  const type = TYPES[dtype]!
  if (!Array.isArray(shape)) return refuse(`its shape must be a list, found ${describeJson(shape)}.`)
  const length = checkedByteLength(op, shape, type, place)
  const isRange =
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(at => Number.isSafeInteger(at) && at >= 0) &&
    offsets[0] <= offsets[1]
  if (!isRange) return refuse('its data_offsets must be two whole numbers [begin, end] from 0 up.')
  const [begin, end] = offsets as [number, number]
  if (end - begin !== length) {
    return refuse(
      `shape [${shape.join(', ')}] of ${dtype} needs ${length} bytes, its data_offsets hold ${end - begin}.`,
    )
  }
  return { name, type, shape: shape as number[], begin, end }
}

/** The tensors must cover the data once, with no byte left over. */
function expectNoHoles(
  op: string,
  entries: readonly Entry[],
  length: number,
  file: string | undefined,
): void {
  const order = entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)
  let reached = 0
  for (const { name, begin, end } of order) {
    const place = { file, entry: name }
    if (begin < reached)
      throw new FormatError(op, `its bytes ${begin} to ${end} overlap with another tensor.`, place)
    if (begin > reached)
      throw new FormatError(op, `the bytes ${reached} to ${begin} before it belong to no tensor.`, place)
    if (end > length) {
      throw new FormatError(
        op,
        `its bytes ${begin} to ${end} are beyond the ${length} that follow the header.`,
        place,
      )
    }
    reached = end
  }
  if (reached !== length) {
    throw new FormatError(
      op,
      `of the ${length} bytes behind the header the last ${length - reached} belong to no tensor.`,
      {
        file,
      },
    )
  }
}

/** {@link writeSafetensors} on behalf of another function. */
export function writeAs(
  op: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = {}
  if (Object.keys(metadata).length > 0) header[METADATA] = checkedMetadata(op, metadata)
  // Wide numbers first, so that all of them are aligned; then by name, so that the bytes do not depend on the order.
  const entries = Object.entries(tensors)
    .map(([name, x]) => ({ name, x: expectNamedTensor(op, name, x) }))
    .sort((a, b) => WRITTEN[b.x.dtype].bytes - WRITTEN[a.x.dtype].bytes || (a.name < b.name ? -1 : 1))
  let length = 0
  for (const { name, x } of entries) {
    const { type, bytes } = WRITTEN[x.dtype]
    const end = length + x.size * bytes
    header[name] = { dtype: type, shape: x.shape, data_offsets: [length, end] }
    length = end
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const headerLength = Math.ceil(text.length / 8) * 8
  if (headerLength > LONGEST_HEADER) {
    throw new ArgumentError(
      op,
      `the header would be ${headerLength} bytes long; the format allows ${LONGEST_HEADER}.`,
    )
  }
  const result = new Uint8Array(8 + headerLength + length)
  new DataView(result.buffer).setBigUint64(0, BigInt(headerLength), true)
  result.set(text, 8)
  result.fill(0x20, 8 + text.length, 8 + headerLength)
  let at = 8 + headerLength
  for (const { x } of entries) {
    const bytes = elementBytes(x)
    result.set(bytes, at)
    at += bytes.length
  }
  return result
}

function expectNamedTensor(op: string, name: string, x: unknown): Tensor {
  if (!(x instanceof Tensor)) {
    throw new ArgumentError(op, `${shownName(name)} is no tensor; a safetensors file holds tensors by name.`)
  }
  if (name === METADATA || isUnsafeName(name)) {
    throw new ArgumentError(op, `${shownName(name)} cannot be the name of a tensor.`)
  }
  expectWellFormed(op, name)
  if (!Object.hasOwn(WRITTEN, x.dtype)) throw new DTypeError(op, `cannot write dtype ${x.dtype}.`, [x.dtype])
  return x
}

function checkedMetadata(op: string, metadata: Readonly<Record<string, string>>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== 'string' || isUnsafeName(key)) {
      throw new ArgumentError(op, `the metadata must be texts by safe names, ${shownName(key)} is not.`)
    }
    expectWellFormed(op, key)
    expectWellFormed(op, text)
    texts[key] = text
  }
  return texts
}

/** Half of a pair of UTF-16 units has no place in UTF-8, and would come back as another text. */
function expectWellFormed(op: string, text: string): void {
  if (/\p{Surrogate}/u.test(text)) {
    throw new ArgumentError(op, `${shownName(text)} has a lone surrogate, which UTF-8 cannot hold.`)
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
