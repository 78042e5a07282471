/**
 * Reads and writes whole blocks of elements at listed positions along one axis. Seen from that axis a tensor is
 * `[batch, outer, length, inner]`: every batch has positions of its own, every outer index uses the same ones, and the
 * `inner` elements behind a position travel together. A negative position is nowhere: it reads zeros, and what is
 * written there is dropped.
 */

import type { TypedArray } from '../storage/dtype.ts'

/** How many blocks there are, and how large. */
export interface Blocks {
  readonly batch: number
  readonly outer: number
  /** Positions in each batch. */
  readonly picks: number
  readonly inner: number
}

/** Where in memory the blocks of a strided tensor lie. */
export interface Addresses {
  /** The first element of all. */
  readonly start: number
  /** Distance between neighbours along the axis. */
  readonly step: number
  /** Distance between neighbours among the pairs of batch and outer index, where it is always the same. */
  readonly outerStep: number
  /** Otherwise the distance of each pair from the first; `undefined` when `outerStep` says it. */
  readonly outerAt: Int32Array | undefined
  /** Distance of each inner element from the first; `undefined` when they lie one after the other. */
  readonly innerAt: Int32Array | undefined
}

/** The distance in memory of every element of a shape from the first, in row-major order. */
export function offsetsOf(shape: readonly number[], strides: readonly number[]): Int32Array {
  let offsets = new Int32Array(1)
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!
    const stride = strides[axis]!
    const next = new Int32Array(offsets.length * size)
    for (let i = 0, to = 0; i < offsets.length; i++)
      for (let k = 0; k < size; k++) next[to++] = offsets[i]! + k * stride
    offsets = next
  }
  return offsets
}

/** Copies the blocks at the positions one after the other into `out`, which holds zeros. */
export function readBlocks(
  { batch, outer, picks, inner }: Blocks,
  x: TypedArray,
  { start, step, outerStep, outerAt, innerAt }: Addresses,
  positions: TypedArray,
  positionsAt: number,
  out: TypedArray,
  outAt: number,
): void {
  let to = outAt
  for (let row = 0; row < batch * outer; row++) {
    const base = start + (outerAt === undefined ? row * outerStep : outerAt[row]!)
    const first = positionsAt + Math.floor(row / outer) * picks
    for (let i = first; i < first + picks; i++) {
      const position = positions[i]!
      if (position >= 0) {
        const from = base + position * step
        if (inner === 1) out[to] = x[from]!
        else if (innerAt === undefined) for (let k = 0; k < inner; k++) out[to + k] = x[from + k]!
        else for (let k = 0; k < inner; k++) out[to + k] = x[from + innerAt[k]!]!
      }
      to += inner
    }
  }
}

/** Adds the blocks of `source`, one after the other, to those of `out` at the positions; both are row-major. */
export function addBlocks(
  { batch, outer, picks, inner }: Blocks,
  source: TypedArray,
  sourceAt: number,
  positions: TypedArray,
  positionsAt: number,
  length: number,
  out: TypedArray,
  outAt: number,
): void {
  let from = sourceAt
  for (let row = 0; row < batch * outer; row++) {
    const base = outAt + row * length * inner
    const first = positionsAt + Math.floor(row / outer) * picks
    for (let i = first; i < first + picks; i++) {
      const position = positions[i]!
      if (position >= 0) {
        const to = base + position * inner
        for (let k = 0; k < inner; k++) out[to + k]! += source[from + k]!
      }
      from += inner
    }
  }
}

/** {@link addBlocks}, but the blocks replace what was there; of several at one position the last one stays. */
export function writeBlocks(
  { batch, outer, picks, inner }: Blocks,
  source: TypedArray,
  sourceAt: number,
  positions: TypedArray,
  positionsAt: number,
  length: number,
  out: TypedArray,
  outAt: number,
): void {
  let from = sourceAt
  for (let row = 0; row < batch * outer; row++) {
    const base = outAt + row * length * inner
    const first = positionsAt + Math.floor(row / outer) * picks
    for (let i = first; i < first + picks; i++) {
      const position = positions[i]!
      if (position >= 0) {
        const to = base + position * inner
        for (let k = 0; k < inner; k++) out[to + k] = source[from + k]!
      }
      from += inner
    }
  }
}

/** The largest of `count` positions, -1 when there are none. */
export function largestOf(positions: TypedArray, at: number, count: number): number {
  let found = -1
  for (let i = at; i < at + count; i++) if (positions[i]! > found) found = positions[i]!
  return found
}
