/** Vectors from memory and back, for every dtype. Truth values are masks in a vector and bytes in memory. */

import {
  type I32,
  i16x8,
  i32,
  i32x4,
  i64x2,
  type Nothing,
  sequence,
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
  if (dtype === 'bool') return maskFromBytes(loadBytes(lanes, at, offset, how, count), lanes)
  const wide = dtype === 'float64'
  if (how === 'row') return v128.load(at, offset)
  if (how === 'splat') return wide ? v128.load64Splat(at, offset) : v128.load32Splat(at, offset)
  let vector = wide ? v128.load64Zero(at, offset) : v128.load32Zero(at, offset)
  for (let lane = 1; lane < Math.min(lanes, count); lane++) {
    const place = i32.add(at, lane * how)
    vector = wide
      ? v128.load64Lane(place, vector, lane, offset)
      : v128.load32Lane(place, vector, lane, offset)
  }
  return vector
}

/** Bytes 0 or 1, each in a lane of 32 bits of its own. */
function loadBytes(
  lanes: number,
  at: I32,
  offset: number,
  how: 'row' | 'splat' | number,
  count: number,
): V128 {
  if (how === 'row') {
    const bytes = v128.load32Zero(at, offset)
    return i32x4.extendLow16Unsigned(i16x8.extendLow8Unsigned(bytes))
  }
  if (how === 'splat') return i32x4.splat(i32.load8u(at, offset))
  let vector = i32x4.splat(i32.load8u(at, offset))
  for (let lane = 1; lane < Math.min(lanes, count); lane++)
    vector = i32x4.withLane(vector, lane, i32.load8u(i32.add(at, lane * how), offset))
  return vector
}

function maskFromBytes(bytes: V128, lanes: number): V128 {
  const mask = i32x4.ne(bytes, i32x4.const(0))
  return lanes === 4 ? mask : i64x2.extendLowI32(mask)
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
  if (dtype === 'bool') {
    const parts = Array.from({ length: count }, (_, lane) =>
      i32.store8(at, i32.and(i32x4.lane(value, (lane * 4) / lanes), 1), offset + lane),
    )
    return sequence(...parts)
  }
  if (count === lanes) return v128.store(at, value, offset)
  if (dtype === 'float64') return v128.store64Lane(at, value, 0, offset)
  const parts = Array.from({ length: count }, (_, lane) =>
    v128.store32Lane(at, value, lane, offset + 4 * lane),
  )
  return sequence(...parts)
}
