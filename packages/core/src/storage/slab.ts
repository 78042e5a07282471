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
 * up to 32 elements from slabs of 1024, up to 2048 elements from slabs of 16384. Larger tensors stand alone.
 */
const SMALL = { limit: 32, length: 1024 }
const MEDIUM = { limit: 2048, length: 16384 }

class Slab {
  /** The array that the last `take` handed out from. */
  array: TypedArray
  #next: number
  readonly #dtype: DType
  readonly #length: number

  constructor(dtype: DType, length: number) {
    this.#dtype = dtype
    this.#length = length
    this.array = new ARRAY_OF[dtype](0)
    // Past the end: the first call, also one for no elements, makes the first array.
    this.#next = length + 1
  }

  /** Reserves `size` elements of {@link array} and returns the offset of the first. */
  take(size: number): number {
    let offset = this.#next
    if (offset + size > this.#length) {
      this.array = new ARRAY_OF[this.#dtype](this.#length)
      offset = 0
    }
    this.#next = offset + size
    return offset
  }
}

/** Hands out zeroed memory of one dtype: `offset = take(size)` elements of `array`. */
class Allocator {
  array: TypedArray
  readonly #dtype: DType
  readonly #small: Slab
  readonly #medium: Slab

  constructor(dtype: DType) {
    this.#dtype = dtype
    this.#small = new Slab(dtype, SMALL.length)
    this.#medium = new Slab(dtype, MEDIUM.length)
    this.array = this.#small.array
  }

  /** The op and the shape are for the message when there is no memory. */
  take(size: number, op = 'allocate', shape: readonly number[] = [size]): number {
    // Whatever goes wrong before, memory is never handed out twice.
    if (!(size >= 0)) throw new RangeError(`cannot reserve ${size} elements`)
    if (size > MEDIUM.limit) {
      try {
        this.array = new ARRAY_OF[this.#dtype](size)
      } catch {
        throw noRoom(op, shape)
      }
      return 0
    }
    const slab = size > SMALL.limit ? this.#medium : this.#small
    const offset = slab.take(size)
    this.array = slab.array
    return offset
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

/** The allocator of each dtype. Read `array` right after `take`: the next call may replace it. */
export const ALLOCATORS: Readonly<Record<DType, Allocator>> = /* @__PURE__ */ (() => ({
  float32: new Allocator('float32'),
  float64: new Allocator('float64'),
  int32: new Allocator('int32'),
  bool: new Allocator('bool'),
}))()
