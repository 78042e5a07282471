/**
 * Memory for tensors. Allocating a small typed array costs more than the arithmetic on it, so small
 * tensors share larger arrays, slabs, that are handed out from front to back and never handed out twice:
 * the garbage collector frees a slab when no tensor points into it, and fresh elements are always 0.
 */

import { ArgumentError, formatShape } from '../shape/errors.ts'
import { sizeOf } from '../shape/shape.ts'
import { ARRAY_OF, type DType, type TypedArray } from './dtype.ts'

/**
 * Two sizes of slab, so that one small tensor that is kept for long keeps little else alive:
 * up to 32 elements from slabs of 4096, up to 2048 elements from slabs of 16384. Larger tensors stand alone. An array of
 * 4096 elements costs hardly more than one of 1024, most of the price being that of the array itself.
 */
const SMALL = { limit: 32, length: 4096 }
const MEDIUM = { limit: 2048, length: 16384 }

/** An array, and how much of it is taken. */
export interface Slab {
  array: TypedArray
  /** The first element that is free. Who takes some moves it on. */
  next: number
}

/** The slabs of a dtype that memory is taken from at present. */
interface Slabs {
  readonly small: Slab
  readonly medium: Slab
}

function slabsOf(dtype: DType): Slabs {
  // Past the end: the first call, also one for no elements, makes the first array.
  const full = (length: number): Slab => ({ array: new ARRAY_OF[dtype](0), next: length + 1 })
  return { small: full(SMALL.length), medium: full(MEDIUM.length) }
}

const FLOAT32: Slabs = /* @__PURE__ */ slabsOf('float32')
const FLOAT64: Slabs = /* @__PURE__ */ slabsOf('float64')
const INT32: Slabs = /* @__PURE__ */ slabsOf('int32')
const BOOL: Slabs = /* @__PURE__ */ slabsOf('bool')

/** A comparison or two in the place of a look-up by name, which engines make slowly. */
function slabsFor(dtype: DType): Slabs {
  return dtype === 'float32' ? FLOAT32 : dtype === 'float64' ? FLOAT64 : dtype === 'int32' ? INT32 : BOOL
}

/**
 * Zeroed memory of a dtype: from `next` on at least `size` elements of `array` are free. They are the caller's as soon as he
 * has moved `next` behind them, which he does before anything else. The op and the shape are for the message when there is no
 * memory.
 */
export function slabWithRoom(dtype: DType, size: number, op?: string, shape?: readonly number[]): Slab {
  const slabs = slabsFor(dtype)
  if (size <= SMALL.limit && size >= 0) return withRoom(slabs.small, size, dtype, SMALL.length)
  if (size <= MEDIUM.limit && size >= 0) return withRoom(slabs.medium, size, dtype, MEDIUM.length)
  return standingAlone(dtype, size, op, shape)
}

function withRoom(slab: Slab, size: number, dtype: DType, length: number): Slab {
  if (slab.next + size > length) {
    slab.array = new ARRAY_OF[dtype](length)
    slab.next = 0
  }
  return slab
}

function standingAlone(dtype: DType, size: number, op = 'allocate', shape: readonly number[] = [size]): Slab {
  // Whatever goes wrong before, memory is never handed out twice.
  if (!(size >= 0)) throw new RangeError(`cannot reserve ${size} elements`)
  try {
    return { array: new ARRAY_OF[dtype](size), next: 0 }
  } catch {
    throw noRoom(op, shape)
  }
}

/** No engine has arrays of more elements. */
const MOST_ELEMENTS = 2 ** 33

/** Refuses a result that no memory can hold, before anything of that size is begun. */
export function expectRoom(op: string, shape: readonly number[]): void {
  if (sizeOf(shape) > MOST_ELEMENTS) throw noRoom(op, shape)
}

function noRoom(op: string, shape: readonly number[]): ArgumentError {
  return new ArgumentError(
    op,
    `there is no memory for ${sizeOf(shape)} elements, shape ${formatShape(shape)}; take fewer, or work in parts.`,
  )
}
