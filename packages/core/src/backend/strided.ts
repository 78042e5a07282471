/**
 * Runs inner loops over strided operands. An op writes one loop along one axis; this file finds the axis to give it,
 * merges axes that lie one after the other in memory, and walks the rest.
 */

import type { TypedArray } from '../storage/dtype.ts'

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

/**
 * Runs a binary loop over `x` and `y` into `out`. The strides are those that read the operands in the shape of `out`
 * (0 along repeated axes).
 */
export function runBinary(
  loop: BinaryLoop,
  x: Strided,
  xStrides: readonly number[],
  y: Strided,
  yStrides: readonly number[],
  out: Strided,
  attributes: LoopAttributes,
): void {
  forEachRow(
    out.shape,
    [xStrides, yStrides, out.strides],
    [x.offset, y.offset, out.offset],
    (count, at, step) =>
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

/** Runs a ternary loop over three operands that are read in the shape of `out`. */
export function runTernary(
  loop: TernaryLoop,
  operands: readonly [Strided, Strided, Strided],
  strides: readonly [readonly number[], readonly number[], readonly number[]],
  out: Strided,
): void {
  const [x, y, z] = operands
  forEachRow(
    out.shape,
    [...strides, out.strides],
    [x.offset, y.offset, z.offset, out.offset],
    (count, at, step) =>
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

/** An inner axis shorter than this gives way to a longer one, so that the cost per row is paid less often. */
const SHORT_ROW = 8

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
