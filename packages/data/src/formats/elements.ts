/** Numbers of files as elements of tensors: which types there are, what they become, and whether they fit. */
import { allocate, sizeOf, stridesOf } from '@adjoint/core/engine'
import { ArgumentError, type DType, Tensor, type TypedArray } from '@adjoint/core/functional'
import { type FilePlace, FormatError } from '../files/formatError.ts'
import { describeJson } from './json.ts'

/** A type of numbers in files. */
export type FileType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bfloat16'
  | 'float16'
  | 'float32'
  | 'float64'

interface FileTypeFacts {
  /** Bytes of one number. */
  readonly bytes: number
  /** The dtype of tensors that holds every one of them; int32 for wide integers, which must fit. */
  readonly dtype: DType
  readonly read: (view: DataView, at: number, littleEndian: boolean) => number
}

/** The types of numbers in files. */
export const FILE_TYPES: Readonly<Record<FileType, FileTypeFacts>> = {
  bool: { bytes: 1, dtype: 'bool', read: (view, at) => view.getUint8(at) },
  int8: { bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  int16: { bytes: 2, dtype: 'int32', read: (view, at, little) => view.getInt16(at, little) },
  int32: { bytes: 4, dtype: 'int32', read: (view, at, little) => view.getInt32(at, little) },
  int64: { bytes: 8, dtype: 'int32', read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  uint8: { bytes: 1, dtype: 'int32', read: (view, at) => view.getUint8(at) },
  uint16: { bytes: 2, dtype: 'int32', read: (view, at, little) => view.getUint16(at, little) },
  uint32: { bytes: 4, dtype: 'int32', read: (view, at, little) => view.getUint32(at, little) },
  uint64: { bytes: 8, dtype: 'int32', read: (view, at, little) => Number(view.getBigUint64(at, little)) },
  bfloat16: {
    bytes: 2,
    dtype: 'float32',
    read: (view, at, little) => fromBfloat16(view.getUint16(at, little)),
  },
  float16: {
    bytes: 2,
    dtype: 'float32',
    read: (view, at, little) => fromFloat16(view.getUint16(at, little)),
  },
  float32: { bytes: 4, dtype: 'float32', read: (view, at, little) => view.getFloat32(at, little) },
  float64: { bytes: 8, dtype: 'float64', read: (view, at, little) => view.getFloat64(at, little) },
}

/** Types whose bytes in a little-endian file are those of a typed array in memory. */
const IN_MEMORY = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  bool: Uint8Array,
} as const

/** Whether this machine keeps the low byte first. All that run JavaScript engines today do. */
const littleEndianMachine: boolean = /* @__PURE__ */ (() =>
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1)()

const single: DataView = /* @__PURE__ */ new DataView(new ArrayBuffer(4))

function fromBfloat16(bits: number): number {
  single.setUint32(0, bits * 2 ** 16)
  return single.getFloat32(0)
}

/** IEEE 754 half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
function fromFloat16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

/** Where the elements of a tensor are in a file. */
export interface Elements {
  readonly bytes: Uint8Array
  readonly start: number
  readonly type: FileType
  readonly shape: readonly number[]
  readonly littleEndian?: boolean
}

/**
 * A tensor of numbers in a file, in row-major order; the caller has checked that they lie within the bytes. Where memory
 * already holds them as they must be, the tensor looks at the bytes themselves and nothing is copied.
 *
 * @throws FormatError when a whole number has more than 32 bits, or a truth value is neither 0 nor 1.
 */
export function readElements(
  op: string,
  { bytes, start, type, shape, littleEndian = true }: Elements,
  place: FilePlace,
): Tensor {
  const { bytes: width, dtype, read } = FILE_TYPES[type]
  const size = sizeOf(shape)
  const from = bytes.byteOffset + start
  const isSame = littleEndian === littleEndianMachine || width === 1
  if (isSame && type in IN_MEMORY && from % width === 0) {
    if (type === 'bool') expectTruthValues(op, bytes.subarray(start, start + size), start, place)
    const array = new IN_MEMORY[type as keyof typeof IN_MEMORY](bytes.buffer as ArrayBuffer, from, size)
    return tensorOver(shape, dtype, array)
  }
  const view = new DataView(bytes.buffer, from, size * width)
  const result = allocate(Object.freeze([...shape]), dtype)
  const { storage, offset } = result
  const isWide = type === 'int64' || type === 'uint32' || type === 'uint64'
  for (let i = 0; i < size; i++) {
    const value = read(view, i * width, littleEndian)
    if (isWide && value !== (value | 0))
      throw tooWide(op, value, type, i, { ...place, byte: start + i * width })
    storage[offset + i] = value
  }
  if (type === 'bool') expectTruthValues(op, storage.subarray(offset, offset + size), start, place)
  return result
}

/** A tensor that looks at a typed array. */
export function tensorOver(shape: readonly number[], dtype: DType, array: TypedArray): Tensor {
  return new Tensor(Object.freeze([...shape]), dtype, array, 0, stridesOf(shape), array.length, true)
}

function tooWide(op: string, value: number, type: FileType, element: number, place: FilePlace): FormatError {
  return new FormatError(
    op,
    `element ${element} of type ${type} is ${value}, which does not fit dtype int32 (from -2147483648 to 2147483647).`,
    place,
  )
}

function expectTruthValues(op: string, values: ArrayLike<number>, start: number, place: FilePlace): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i]! <= 1) continue
    throw new FormatError(op, `a truth value must be the byte 0 or 1, found ${values[i]}.`, {
      ...place,
      byte: start + i,
    })
  }
}

/** The elements of a tensor in row-major order as bytes of a little-endian file. */
export function elementBytes(x: Tensor): Uint8Array {
  const data = x.contiguous ? x.storage.subarray(x.offset, x.offset + x.size) : x.data()
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  if (littleEndianMachine || data.BYTES_PER_ELEMENT === 1) return bytes
  const swapped = bytes.slice()
  for (let at = 0; at < swapped.length; at += data.BYTES_PER_ELEMENT) {
    swapped.subarray(at, at + data.BYTES_PER_ELEMENT).reverse()
  }
  return swapped
}

/** Most axes that are read. A tensor of more is a mistake or an attack, and NumPy has none of more than 64. */
const MOST_AXES = 64

/**
 * The number of bytes of a tensor in a file, for sizes that come from the file itself.
 *
 * @throws FormatError when a size is none, or all together are more than any memory.
 */
export function checkedByteLength(
  op: string,
  shape: readonly unknown[],
  type: FileType,
  place: FilePlace,
): number {
  if (shape.length > MOST_AXES) {
    throw new FormatError(op, `${shape.length} axes are more than the ${MOST_AXES} that are read.`, place)
  }
  let elements = 1
  let isEmpty = false
  for (const size of shape) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) {
      throw new FormatError(
        op,
        `a size must be a whole number from 0 up, found ${describeJson(size)}.`,
        place,
      )
    }
    if (size === 0) isEmpty = true
    else elements *= size as number
  }
  // Also without the empty axes, so that no product of strides loses digits.
  const length = elements * FILE_TYPES[type].bytes
  if (!Number.isSafeInteger(length)) {
    throw new FormatError(
      op,
      `the shape [${shape.join(', ').slice(0, 80)}] has more elements than any memory.`,
      place,
    )
  }
  return isEmpty ? 0 : length
}

/** Bytes, however they are handed in; plain JavaScript may pass anything. */
export function expectBytes(op: string, bytes: Uint8Array | ArrayBuffer): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes)
  throw new ArgumentError(op, `takes the bytes of a file as Uint8Array or ArrayBuffer, got ${typeof bytes}.`)
}
