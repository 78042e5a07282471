/**
 * The memory that the eager kernels in WebAssembly share: operands are copied in, results are copied out, and nothing stays
 * there between two calls. It is made at the first use, grows with the largest call, and is never given back. Kernels work
 * in parts where operands are large, so that it stays below {@link MOST_BYTES}.
 */

import type { DType, TypedArray } from '../../storage/dtype.ts'
import { PAGE_BYTES, type WasmMemory, webAssembly } from '../../wasm/webAssembly.ts'
import type { Strided } from '../strided.ts'

/** What one call may ask for. */
export const MOST_BYTES: number = 40 * 2 ** 20

/** The memory, and its contents as numbers. */
export interface KernelMemory {
  readonly memory: WasmMemory
  readonly float32: Float32Array
  readonly float64: Float64Array
  readonly int32: Int32Array
  readonly bytes: Uint8Array
}

let current: KernelMemory | undefined

/** The memory with so many bytes at least, `undefined` when the engine has none to give. Earlier views are void. */
export function memoryOf(bytes: number): KernelMemory | undefined {
  if (current !== undefined && bytes <= current.bytes.length) return current
  if (webAssembly === undefined || bytes > MOST_BYTES) return undefined
  try {
    const memory = current?.memory ?? new webAssembly.Memory({ initial: 1 })
    const held = memory.buffer.byteLength
    // Twice as much as before, so that a growing size does not mean growing at every call.
    const wanted = Math.min(MOST_BYTES, Math.max(bytes, 2 * held))
    memory.grow(Math.ceil((wanted - held) / PAGE_BYTES))
    const { buffer } = memory
    current = {
      memory,
      float32: new Float32Array(buffer),
      float64: new Float64Array(buffer),
      int32: new Int32Array(buffer),
      bytes: new Uint8Array(buffer),
    }
    return current
  } catch {
    return undefined
  }
}

/** The memory as elements of a dtype. */
export function viewOf(memory: KernelMemory, dtype: DType): TypedArray {
  return dtype === 'bool' ? memory.bytes : memory[dtype]
}

/** Below this many elements, a loop is faster than the engine's copying of ranges. */
const SHORT = 64

/** Copies a range of an array. */
export function copyRange(from: TypedArray, at: number, count: number, to: TypedArray, toAt: number): void {
  if (count < SHORT) {
    for (let i = 0; i < count; i++) to[toAt + i] = from[at + i]!
  } else if (at === 0 && count === from.length) {
    to.set(from, toAt)
  } else {
    to.set(from.subarray(at, at + count), toAt)
  }
}

/** The range of its array that a tensor with elements lies in. */
export function rangeOf({ shape, strides, offset }: Pick<Strided, 'shape' | 'strides' | 'offset'>): {
  readonly from: number
  readonly count: number
} {
  let [from, to] = [offset, offset]
  for (let axis = 0; axis < shape.length; axis++) {
    const reach = (shape[axis]! - 1) * strides[axis]!
    if (reach < 0) from += reach
    else to += reach
  }
  return { from, count: to - from + 1 }
}

/** Elements so that what follows begins at a multiple of 16 bytes. */
export function roundUp(count: number): number {
  return (count + 3) & ~3
}
