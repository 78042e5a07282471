/** NumPy's `.npy`: one array, its header a literal of Python. Versions 1.0, 2.0 and 3.0 of the format. */
import { compact, viewOf } from '@adjoint/core/engine'
import { ArgumentError, type DType, Tensor } from '@adjoint/core/functional'
import { type FilePlace, FormatError, shownName } from '../files/formatError.ts'
import { readFileBytes, writeFileBytes } from '../files/nodeFiles.ts'
import { checkedByteLength, elementBytes, expectBytes, type FileType, readElements } from './elements.ts'

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]

/** NumPy's types by the letter of their kind and the bytes of one number. */
const TYPES: Readonly<Record<string, FileType>> = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
}

/** Of what version 1.0 can say; the header of an array of numbers is far shorter. */
const LONGEST_HEADER = 65_535

const WRITTEN: Readonly<Record<DType, string>> = { float32: '<f4', float64: '<f8', int32: '<i4', bool: '|b1' }

/**
 * The array of a `.npy` file as a tensor, whichever byte order and memory order it has. float16 becomes float32; whole
 * numbers become int32, and wider ones must fit.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { readNpy, writeNpy } from '@adjoint/data'
 * readNpy(writeNpy(tensor([[1.5, 2], [3, 4]]))).toArray() // => [[1.5, 2], [3, 4]]
 * ```
 * @throws FormatError when the file breaks the format, or holds what tensors cannot (texts, complex numbers, objects).
 */
export function readNpy(bytes: Uint8Array | ArrayBuffer): Tensor {
  return readNpyAs('readNpy', expectBytes('readNpy', bytes), {})
}

/**
 * {@link readNpy} of a file. Node only.
 *
 * @throws FileError when the file cannot be read; FormatError as above.
 */
export function readNpyFile(file: string): Tensor {
  return readNpyAs('readNpyFile', readFileBytes('readNpyFile', file), { file })
}

/**
 * A tensor as the bytes of a `.npy` file of version 1.0, little-endian, in row-major order.
 *
 * @throws ArgumentError for what is no tensor.
 */
export function writeNpy(x: Tensor): Uint8Array {
  return writeNpyAs('writeNpy', x)
}

/**
 * {@link writeNpy} into a file, which is replaced as a whole or not at all. Node only.
 *
 * @throws FileError when the file cannot be written; what was there is still there.
 */
export function writeNpyFile(file: string, x: Tensor): void {
  writeFileBytes('writeNpyFile', file, writeNpyAs('writeNpyFile', x))
}

/** {@link readNpy} on behalf of another function. */
export function readNpyAs(op: string, bytes: Uint8Array, place: FilePlace): Tensor {
  const { text, dataStart } = readHeader(op, bytes, place)
  const { type, littleEndian, columnMajor, shape } = parseHeader(op, text, place)
  const length = checkedByteLength(op, shape, type, place)
  if (length !== bytes.length - dataStart) {
    const message = `shape [${shape.join(', ')}] of ${type} needs ${length} bytes, ${bytes.length - dataStart} follow the header.`
    throw new FormatError(op, message, { ...place, byte: dataStart })
  }
  const stored = columnMajor ? shape.toReversed() : shape
  const x = readElements(op, { bytes, start: dataStart, type, shape: stored, littleEndian }, place)
  return columnMajor ? compact(viewOf(x, Object.freeze([...shape]), x.strides.toReversed(), x.offset)) : x
}

function readHeader(
  op: string,
  bytes: Uint8Array,
  place: FilePlace,
): { readonly text: string; readonly dataStart: number } {
  const refuse = (message: string, byte: number): never => {
    throw new FormatError(op, message, { ...place, byte })
  }
  if (bytes.length < 10 || MAGIC.some((value, at) => bytes[at] !== value)) {
    return refuse('a .npy file begins with \\x93NUMPY and two bytes for its version.', 0)
  }
  const [major, minor] = [bytes[6]!, bytes[7]!]
  if (major < 1 || major > 3 || minor !== 0) {
    return refuse(`the version ${major}.${minor} is unknown; 1.0, 2.0 and 3.0 are.`, 6)
  }
  const textStart = major === 1 ? 10 : 12
  if (bytes.length < textStart) return refuse('the header is cut off.', 8)
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true)
  if (length > LONGEST_HEADER) {
    return refuse(
      `the header would be ${length} bytes long, more than the ${LONGEST_HEADER} that are read.`,
      8,
    )
  }
  if (length > bytes.length - textStart) {
    return refuse(
      `the header of ${length} bytes is cut off: only ${bytes.length - textStart} bytes follow.`,
      8,
    )
  }
  const raw = bytes.subarray(textStart, textStart + length)
  if (major < 3 && raw.some(byte => byte > 127))
    return refuse('the header of this version must be ASCII.', textStart)
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
    return { text, dataStart: textStart + length }
  } catch {
    return refuse('the header is not UTF-8.', textStart)
  }
}

interface Header {
  readonly type: FileType
  readonly littleEndian: boolean
  readonly columnMajor: boolean
  readonly shape: readonly number[]
}

/** One pair `'key': value` with what separates it from the next; values as NumPy writes them. */
const PAIR = /\s*(['"])(\w+)\1\s*:\s*(?:(['"])([^'"\\]*)\3|(True|False)|\(([\d\sL,]*)\))\s*(,|(?=\}))/y

/** The header is `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`. It is read as text and never run. */
function parseHeader(op: string, text: string, place: FilePlace): Header {
  const at = { ...place, byte: 8 }
  const refuse = (message: string): never => {
    throw new FormatError(op, `${message} The header is ${shownName(text.trim())}.`, at)
  }
  const body = text.trim()
  if (!body.startsWith('{') || !body.endsWith('}')) return refuse('the header must be a dictionary.')
  const found = new Map<string, RegExpExecArray>()
  PAIR.lastIndex = 1
  while (PAIR.lastIndex < body.length - 1 && !/^\s*$/.test(body.slice(PAIR.lastIndex, -1))) {
    const match = PAIR.exec(body)
    if (match === null) {
      if (/['"]descr['"]\s*:\s*\[/.test(body)) {
        return refuse('records of several fields cannot be read; save each field as an array of its own.')
      }
      return refuse('the header must be { descr, fortran_order, shape } as NumPy writes them.')
    }
    if (found.has(match[2]!)) return refuse(`the header has ${shownName(match[2]!)} twice.`)
    found.set(match[2]!, match)
    if (found.size > 3) break
  }
  const descr = found.get('descr')?.[4]
  const order = found.get('fortran_order')?.[5]
  const sizes = found.get('shape')?.[6]
  if (descr === undefined || order === undefined || sizes === undefined || found.size !== 3) {
    return refuse(
      'the header must have descr (a text), fortran_order (True or False) and shape (a tuple), and no more.',
    )
  }
  const [, endian, kind] = /^([<>|=]?)(\w+)$/.exec(descr) ?? []
  if (kind === undefined || !Object.hasOwn(TYPES, kind)) {
    return refuse(
      `the dtype ${shownName(descr)} cannot be read; known are bool, whole numbers of 8 to 64 bits, and floating ones of 16 to 64.`,
    )
  }
  const parts = sizes.split(',').map(part => part.trim())
  // (3,) is a tuple of one number, (3) would be a number; () is a tuple of none.
  const isTuple = parts.length > 1 || parts[0] === ''
  if (parts.length > 1 && parts.at(-1) === '') parts.pop()
  const isSize = (part: string): boolean => /^\d+L?$/.test(part)
  if (!isTuple || (parts.some(part => !isSize(part)) && sizes.trim() !== ''))
    return refuse('the shape must be a tuple of sizes.')
  const shape = sizes.trim() === '' ? [] : parts.map(part => Number(part.replace('L', '')))
  return { type: TYPES[kind]!, littleEndian: endian !== '>', columnMajor: order === 'True', shape }
}

/** {@link writeNpy} on behalf of another function. */
export function writeNpyAs(op: string, x: Tensor): Uint8Array {
  if (!(x instanceof Tensor)) throw new ArgumentError(op, 'takes a tensor; make one with tensor(...).')
  const shape = `(${x.shape.join(', ')}${x.rank === 1 ? ',' : ''})`
  const text = `{'descr': '${WRITTEN[x.dtype]}', 'fortran_order': False, 'shape': ${shape}, }`
  // NumPy aligns the data to 64 bytes and closes the header with a line break.
  const dataStart = Math.ceil((10 + text.length + 1) / 64) * 64
  const elements = elementBytes(x)
  const result = new Uint8Array(dataStart + elements.length)
  result.set([...MAGIC, 1, 0])
  new DataView(result.buffer).setUint16(8, dataStart - 10, true)
  result.set(new TextEncoder().encode(`${text.padEnd(dataStart - 11)}\n`), 10)
  result.set(elements, dataStart)
  return result
}
