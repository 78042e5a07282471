/**
 * Runs inner loops over strided operands. An op writes one loop along one axis; this file finds the axis to give it,
 * merges axes that lie one after the other in memory, and walks the rest.
 */

import { broadcastStrides } from '../shape/broadcast.ts'
import type { TypedArray } from '../storage/dtype.ts'

/** An inner axis shorter than this gives way to a longer one, so that the cost per row is paid less often. */
const SHORT_ROW = 8

/** What a kernel sees of a tensor. */
export interface Strided {
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly storage: TypedArray
  readonly offset: number
  readonly contiguous: boolean
  readonly size: number
}

/** Attributes reach loops untouched. */
type LoopAttributes = Readonly<Record<string, unknown>>

/** `out[i] = f(x[i])` for `count` elements; an operand's element i is at `at + i * step`. */
export type UnaryLoop = (
  count: number,
  x: TypedArray,
  xAt: number,
  xStep: number,
  out: TypedArray,
  outAt: number,
  outStep: number,
  attributes: LoopAttributes,
) => void

/** `out[i] = f(x[i], y[i])` for `count` elements. */
export type BinaryLoop = (
  count: number,
  x: TypedArray,
  xAt: number,
  xStep: number,
  y: TypedArray,
  yAt: number,
  yStep: number,
  out: TypedArray,
  outAt: number,
  outStep: number,
  attributes: LoopAttributes,
) => void

/** `out[i] = f(x[i], y[i], z[i])` for `count` elements. */
export type TernaryLoop = (
  count: number,
  x: TypedArray,
  xAt: number,
  xStep: number,
  y: TypedArray,
  yAt: number,
  yStep: number,
  z: TypedArray,
  zAt: number,
  zStep: number,
  out: TypedArray,
  outAt: number,
  outStep: number,
) => void

/** Runs a unary loop over `x` into `out`, which is contiguous and of the same shape. */
export function runUnary(loop: UnaryLoop, x: Strided, out: Strided, attributes: LoopAttributes): void {
  if (x.contiguous) {
    loop(out.size, x.storage, x.offset, 1, out.storage, out.offset, 1, attributes)
    return
  }
  forEachRow(out.shape, [x.strides, out.strides], [x.offset, out.offset], (count, at, step) =>
    loop(count, x.storage, at[0]!, step[0]!, out.storage, at[1]!, step[1]!, attributes),
  )
}

/** Runs a binary loop over `x` and `y`, which broadcast to the shape of `out`, into `out`, which is contiguous. */
export function runBinary(
  loop: BinaryLoop,
  x: Strided,
  y: Strided,
  out: Strided,
  attributes: LoopAttributes,
): void {
  if (out.size === 0) return
  if (out.shape.length <= 2) {
    runMatrix(loop, x, y, out, attributes)
    return
  }
  const strides = [
    broadcastStrides(x.shape, x.strides, out.shape),
    broadcastStrides(y.shape, y.strides, out.shape),
    out.strides,
  ]
  forEachRow(out.shape, strides, [x.offset, y.offset, out.offset], (count, at, step) =>
    loop(
      count,
      x.storage,
      at[0]!,
      step[0]!,
      y.storage,
      at[1]!,
      step[1]!,
      out.storage,
      at[2]!,
      step[2]!,
      attributes,
    ),
  )
}

/** {@link runBinary} for at most two axes, the case of most networks, without any bookkeeping. */
function runMatrix(loop: BinaryLoop, x: Strided, y: Strided, out: Strided, attributes: LoopAttributes): void {
  const rank = out.shape.length
  const rows = rank === 2 ? out.shape[0]! : 1
  const columns = rank === 0 ? 1 : out.shape[rank - 1]!
  const [xRow, xColumn] = [strideFromRight(x, 2), strideFromRight(x, 1)]
  const [yRow, yColumn] = [strideFromRight(y, 2), strideFromRight(y, 1)]
  const [a, b, c] = [x.storage, y.storage, out.storage]
  if (columns >= SHORT_ROW || columns >= rows) {
    for (let i = 0; i < rows; i++) {
      const [xAt, yAt] = [x.offset + i * xRow, y.offset + i * yRow]
      loop(columns, a, xAt, xColumn, b, yAt, yColumn, c, out.offset + i * columns, 1, attributes)
    }
  } else {
    for (let j = 0; j < columns; j++) {
      const [xAt, yAt] = [x.offset + j * xColumn, y.offset + j * yColumn]
      loop(rows, a, xAt, xRow, b, yAt, yRow, c, out.offset + j, columns, attributes)
    }
  }
}

/** Stride of the axis `place` from the right (1 for the last), 0 where the operand repeats. */
function strideFromRight(x: Strided, place: number): number {
  const axis = x.shape.length - place
  return axis < 0 || x.shape[axis] === 1 ? 0 : x.strides[axis]!
}

/** Runs a ternary loop over three operands, which broadcast to the shape of `out`, into `out`, which is contiguous. */
export function runTernary(
  loop: TernaryLoop,
  operands: readonly [Strided, Strided, Strided],
  out: Strided,
): void {
  const [x, y, z] = operands
  const strides = operands.map(operand => broadcastStrides(operand.shape, operand.strides, out.shape))
  const offsets = [x.offset, y.offset, z.offset, out.offset]
  forEachRow(out.shape, [...strides, out.strides], offsets, (count, at, step) =>
    loop(
      count,
      x.storage,
      at[0]!,
      step[0]!,
      y.storage,
      at[1]!,
      step[1]!,
      z.storage,
      at[2]!,
      step[2]!,
      out.storage,
      at[3]!,
      step[3]!,
    ),
  )
}

/** Writes the elements of `x` over those of `out`, which has the same shape. */
export function copyInto(x: Strided, out: Strided): void {
  const [from, to] = [x.storage, out.storage]
  forEachRow(x.shape, [x.strides, out.strides], [x.offset, out.offset], (count, at, step) => {
    for (let i = 0; i < count; i++) to[at[1]! + i * step[1]!] = from[at[0]! + i * step[0]!]!
  })
}

/**
 * Calls `visit` for every row of a common shape: `count` elements, starting at `at[k]` with stride `step[k]` in operand k.
 * The arrays are reused from call to call.
 */
export function forEachRow(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  offsets: readonly number[],
  visit: (count: number, at: readonly number[], step: readonly number[]) => void,
): void {
  const merged = mergeAxes(shape, strides)
  if (merged === undefined) return
  const { sizes } = merged
  const rank = sizes.length
  let inner = rank - 1
  if (sizes[inner]! < SHORT_ROW)
    for (let axis = 0; axis < rank; axis++) if (sizes[axis]! > sizes[inner]!) inner = axis
  const count = sizes[inner]!
  const step = merged.strides.map(stride => stride[inner]!)
  const at = [...offsets]
  const index = new Array<number>(rank).fill(0)
  for (;;) {
    visit(count, at, step)
    let axis = rank - 1
    for (; axis >= 0; axis--) {
      if (axis === inner) continue
      index[axis]!++
      if (index[axis]! < sizes[axis]!) {
        for (let k = 0; k < at.length; k++) at[k]! += merged.strides[k]![axis]!
        break
      }
      index[axis] = 0
      for (let k = 0; k < at.length; k++) at[k]! -= merged.strides[k]![axis]! * (sizes[axis]! - 1)
    }
    if (axis < 0) return
  }
}

/**
 * Drops axes of size 1 and joins neighbours that every operand walks without a gap. Always leaves one axis;
 * `undefined` when there is nothing to walk.
 */
function mergeAxes(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
): { sizes: number[]; strides: number[][] } | undefined {
  const sizes: number[] = []
  const merged: number[][] = strides.map(() => [])
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!
    if (size === 0) return undefined
    if (size === 1) continue
    const last = sizes.length - 1
    if (last >= 0 && strides.every((stride, k) => merged[k]![last] === stride[axis]! * size)) {
      sizes[last]! *= size
      for (let k = 0; k < strides.length; k++) merged[k]![last] = strides[k]![axis]!
    } else {
      sizes.push(size)
      for (let k = 0; k < strides.length; k++) merged[k]!.push(strides[k]![axis]!)
    }
  }
  if (sizes.length === 0) {
    sizes.push(1)
    for (const stride of merged) stride.push(0)
  }
  return { sizes, strides: merged }
}
