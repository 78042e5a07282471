/** Vectors of elements that do not lie side by side, or of which some do not count; the others are core's. */

import {
  type I32,
  i32,
  i32x4,
  i64x2,
  loadSplat,
  loadVector,
  type Nothing,
  sequence,
  storeVector,
  type V128,
  v128,
} from '@adjoint/core/wasm'
import type { DType } from '../graph/node.ts'

/**
 * A vector of `lanes` elements: consecutive ones, one for all lanes, or elements that lie `how` bytes apart, of which only
 * `count` are read. Consecutive ones are read as a whole vector, also past the end of a line.
 */
export function loadLanes(
  dtype: DType,
  lanes: number,
  at: I32,
  offset: number,
  how: 'row' | 'splat' | number,
  count: number = lanes,
): V128 {
  if (how === 'row') return loadVector(dtype, lanes === 4 ? 32 : 64, at, offset)
  if (how === 'splat') return loadSplat(dtype, lanes === 4 ? 32 : 64, at, offset)
  const places = Array.from({ length: Math.min(lanes, count) - 1 }, (_, k) => i32.add(at, (k + 1) * how))
  if (dtype === 'bool') {
    let bytes = i32x4.splat(i32.load8u(at, offset))
    for (const [k, place] of places.entries()) bytes = i32x4.withLane(bytes, k + 1, i32.load8u(place, offset))
    const masks = i32x4.neg(bytes)
    return lanes === 4 ? masks : i64x2.extendLowI32(masks)
  }
  const isWide = dtype === 'float64'
  let vector = isWide ? v128.load64Zero(at, offset) : v128.load32Zero(at, offset)
  for (const [k, place] of places.entries()) {
    vector = isWide
      ? v128.load64Lane(place, vector, k + 1, offset)
      : v128.load32Lane(place, vector, k + 1, offset)
  }
  return vector
}

/** Writes the first `count` elements of a vector. */
export function storeLanes(
  dtype: DType,
  lanes: number,
  at: I32,
  offset: number,
  value: V128,
  count: number,
): Nothing {
  if (count === lanes) return storeVector(dtype, lanes === 4 ? 32 : 64, at, value, offset)
  if (dtype === 'float64') return v128.store64Lane(at, value, 0, offset)
  const parts = Array.from({ length: count }, (_, lane) =>
    dtype === 'bool'
      ? i32.store8(at, i32.and(i32x4.lane(value, (lane * 4) / lanes), 1), offset + lane)
      : v128.store32Lane(at, value, lane, offset + 4 * lane),
  )
  return sequence(...parts)
}
