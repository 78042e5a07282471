/** Elements of tensors in memory and in vectors: float32, int32 and float64 lie as they are, truth values become masks. */

import { ARRAY_OF, type DType } from '../storage/dtype.ts'
import type { I32, Nothing, V128 } from './code.ts'
import type { Lanes } from './elementwise.ts'
import { i8x16, i16x8, i32, i32x4, i64x2, v128 } from './instructions.ts'

/** Bytes of one element in memory. */
export function bytesOf(dtype: DType): number {
  return ARRAY_OF[dtype].BYTES_PER_ELEMENT
}

/** The next elements from an address: four with lanes of 32 bits, two with lanes of 64. */
export function loadVector(dtype: DType, lanes: Lanes, address: I32, offset = 0): V128 {
  if (dtype !== 'bool') return v128.load(address, offset)
  const bytes = lanes === 32 ? v128.load32Zero(address, offset) : i32x4.splat(i32.load16u(address, offset))
  return masks(i32x4.extendLow16Unsigned(i16x8.extendLow8Unsigned(bytes)), lanes)
}

/** One element in all lanes. */
export function loadSplat(dtype: DType, lanes: Lanes, address: I32, offset = 0): V128 {
  if (dtype === 'bool') return masks(i32x4.splat(i32.load8u(address, offset)), lanes)
  return dtype === 'float64' ? v128.load64Splat(address, offset) : v128.load32Splat(address, offset)
}

/** Zeros and ones of 32 bits as masks: 0 and -1. */
function masks(x: V128, lanes: Lanes): V128 {
  return lanes === 32 ? i32x4.neg(x) : i64x2.sub(i64x2.const(0), i64x2.extendLowI32Unsigned(x))
}

/** Stores as many elements as a vector holds. */
export function storeVector(dtype: DType, lanes: Lanes, address: I32, value: V128, offset = 0): Nothing {
  if (dtype !== 'bool') return v128.store(address, value, offset)
  const words = lanes === 32 ? value : v128.shuffle32(value, value, [0, 2, 0, 2])
  const halves = i16x8.narrowI32(words, i32x4.const(0))
  const bytes = v128.and(i8x16.narrowI16(halves, i32x4.const(0)), i32x4.const(0x01010101))
  return lanes === 32
    ? v128.store32Lane(address, bytes, 0, offset)
    : v128.store16Lane(address, bytes, 0, offset)
}
