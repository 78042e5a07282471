/** IDX, the format of the MNIST files: an array of any rank, the high byte of each number first. */
import { allocate, expectOptions, sizeOf } from '@adjoint/core/engine'
import { ArgumentError, type DType, type Tensor } from '@adjoint/core/functional'
import { type FilePlace, FormatError } from '../files/formatError.ts'
import { gunzip, gunzipStart, isGzip } from '../files/inflate.ts'
import { readFileBytes } from '../files/nodeFiles.ts'
import { checkedByteLength, expectBytes, FILE_TYPES, type FileType, readElements } from './elements.ts'

/** Settings of {@link readIdx}. */
export interface IdxOptions {
  /** Element type of the tensor. Default: int32 for whole numbers, else the type of the file. */
  readonly dtype?: DType
  /** What each number is multiplied with, for example 1 / 255 for pixels. Default 1. */
  readonly scale?: number
  /** Most bytes of a compressed file when it is unpacked. Default 2^30, 1 GiB. */
  readonly maximumBytes?: number
}

/** Types by the third byte of the file. */
const TYPES: ReadonlyMap<number, FileType> = /* @__PURE__ */ new Map<number, FileType>([
  [0x08, 'uint8'],
  [0x09, 'int8'],
  [0x0b, 'int16'],
  [0x0c, 'int32'],
  [0x0d, 'float32'],
  [0x0e, 'float64'],
])

/** Bytes before the data for the largest number of axes. */
const LONGEST_HEADER = 4 + 4 * 255

/**
 * The array of an IDX file, compressed by gzip or not.
 *
 * @example
 * ```ts
 * import { readIdx } from '@adjoint/data'
 * const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 3, 10, 20, 30])
 * readIdx(bytes).toArray() // => [10, 20, 30]
 * ```
 * @throws FormatError when the file is damaged or holds more or fewer bytes than its header says.
 */
export function readIdx(bytes: Uint8Array | ArrayBuffer, options: IdxOptions = {}): Tensor {
  return readIdxAs('readIdx', expectBytes('readIdx', bytes), options, {})
}

/**
 * {@link readIdx} of a file. Node only.
 *
 * @throws FileError when the file cannot be read; FormatError as above.
 */
export function readIdxFile(file: string, options: IdxOptions = {}): Tensor {
  return readIdxAs('readIdxFile', readFileBytes('readIdxFile', file), options, { file })
}

/** {@link readIdx} on behalf of another function. */
export function readIdxAs(op: string, bytes: Uint8Array, options: IdxOptions, place: FilePlace): Tensor {
  expectOptions(op, options, ['dtype', 'maximumBytes', 'scale'])
  const { maximumBytes = 2 ** 30, scale = 1 } = options
  if (!Number.isFinite(scale)) throw new ArgumentError(op, `the scale must be a finite number, got ${scale}.`)
  const content = isGzip(bytes) ? unpack(op, bytes, maximumBytes, place) : bytes
  const { type, shape, start, length } = readHeader(op, content, place)
  if (length !== content.length) {
    const message = `shape [${shape.join(', ')}] of ${type} needs ${length} bytes with its header, the file has ${content.length}.`
    throw new FormatError(op, message, { ...place, byte: start })
  }
  const { bytes: width, dtype: natural, read } = FILE_TYPES[type]
  const { dtype = natural } = options
  if (dtype === natural && scale === 1) {
    return readElements(op, { bytes: content, start, type, shape, littleEndian: false }, place)
  }
  if (dtype === 'int32' || dtype === 'bool') {
    throw new ArgumentError(
      op,
      `dtype ${dtype} does not hold ${scale === 1 ? type : `${type} times ${scale}`}; take float32.`,
    )
  }
  const view = new DataView(content.buffer, content.byteOffset + start, content.length - start)
  const result = allocate(Object.freeze([...shape]), dtype)
  for (let i = 0, size = sizeOf(shape); i < size; i++) {
    result.storage[result.offset + i] = scale * read(view, i * width, false)
  }
  return result
}

/** The content of a compressed file; its own header says how long it may be. */
function unpack(op: string, bytes: Uint8Array, maximumBytes: number, place: FilePlace): Uint8Array {
  const { length } = readHeader(op, gunzipStart(op, bytes, LONGEST_HEADER, place), place)
  if (length > maximumBytes) {
    throw new FormatError(
      op,
      `the file unpacks to ${length} bytes; allow it with { maximumBytes: ${length} }.`,
      place,
    )
  }
  return gunzip(op, bytes, length, place)
}

interface Header {
  readonly type: FileType
  readonly shape: readonly number[]
  /** Where the data begins. */
  readonly start: number
  /** Bytes of the whole file. */
  readonly length: number
}

function readHeader(op: string, bytes: Uint8Array, place: FilePlace): Header {
  const at = (byte: number): FilePlace => ({ ...place, byte })
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) {
    throw new FormatError(
      op,
      'an IDX file begins with two bytes 0, its type and the number of its axes.',
      at(0),
    )
  }
  const type = TYPES.get(bytes[2]!)
  if (type === undefined) throw new FormatError(op, `the type ${bytes[2]} is unknown.`, at(2))
  const start = 4 + 4 * bytes[3]!
  if (bytes.length < start) throw new FormatError(op, 'the sizes are cut off.', at(4))
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const shape = Array.from({ length: bytes[3]! }, (_, axis) => view.getUint32(4 + 4 * axis))
  return { type, shape, start, length: start + checkedByteLength(op, shape, type, at(4)) }
}
