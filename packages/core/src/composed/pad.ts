import { concat } from '../ops/concat.ts'
import { expand } from '../ops/expand.ts'
import { place } from '../ops/place.ts'
import { sliceRanges } from '../ops/sliceRanges.ts'
import { where } from '../ops/where.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import type { Resized, Shape } from '../shape/types.ts'
import { expectTensor, onesLike } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { flip } from './flip.ts'

/**
 * What is added around a tensor:
 * - `'constant'`: one value;
 * - `'reflect'`: the elements mirrored at the edge, which itself is not repeated: `c b | a b c | b a`;
 * - `'replicate'`: the element at the edge: `a a | a b c | c c`;
 * - `'circular'`: the elements from the other end: `b c | a b c | a b`.
 */
export type PadMode = 'constant' | 'reflect' | 'replicate' | 'circular'

/** Settings of {@link pad}. */
export interface PadOptions {
  /** Default `'constant'`. */
  readonly mode?: PadMode
  /** What is added in mode `'constant'`. Default 0. */
  readonly value?: number
}

/** How many elements to add before and after an axis; negative numbers take elements away. */
export type PadWidths = readonly (readonly [before: number, after: number])[]

/**
 * With elements added around: `widths[k]` is how many before and after on axis k. Negative numbers take elements away
 * instead. The third argument is the value to add, or `{ mode, value }`; every mode but `'constant'` adds elements of the
 * tensor itself, and sends gradients back to them.
 *
 * @example
 * ```ts
 * import { pad, tensor } from '@adjoint/core'
 * pad(tensor([1, 2]), [[1, 2]], 9).toArray() // => [9, 1, 2, 9, 9]
 * pad(tensor([1, 2, 3]), [[2, 1]], { mode: 'reflect' }).toArray() // => [3, 2, 1, 2, 3, 2]
 * pad(tensor([1, 2, 3]), [[2, 1]], { mode: 'circular' }).toArray() // => [2, 3, 1, 2, 3, 1]
 * pad(tensor([1, 2, 3]), [[-1, 0]]).toArray() // => [2, 3]
 * ```
 * @throws ArgumentError when there is not one pair of whole numbers for each axis, for an unknown mode, and for a value
 * other than 0 with a mode that adds none. ShapeError when an axis is too short: to take away from, to mirror, or to run around once.
 */
export function pad<S extends Shape>(
  x: Tensor<S>,
  widths: PadWidths,
  valueOrOptions: number | PadOptions = {},
): Tensor<Resized<S>> {
  if (typeof valueOrOptions !== 'number') expectOptions('pad', valueOrOptions, ['mode', 'value'])
  const { mode = 'constant', value } =
    typeof valueOrOptions === 'number' ? { value: valueOrOptions } : (valueOrOptions as PadOptions)
  expectWidths(expectTensor('pad', x), widths)
  if (mode === 'constant') return padConstant(x, widths, value ?? 0) as Tensor<Resized<S>>
  const padAxis: PadAxis | undefined = Object.hasOwn(PAD_AXIS, mode) ? PAD_AXIS[mode] : undefined
  if (padAxis === undefined) {
    throw new ArgumentError(
      'pad',
      `the mode is 'constant', 'reflect', 'replicate' or 'circular', got ${JSON.stringify(mode)}.`,
    )
  }
  if (value !== undefined && value !== 0) {
    throw new ArgumentError('pad', `mode '${mode}' adds elements of the tensor, a value has no use there.`)
  }
  return widths.reduce<Tensor>(
    (padded, [before, after], axis) =>
      before === 0 && after === 0 ? padded : padAxis(padded, axis, before, after),
    x,
  ) as Tensor<Resized<S>>
}

function expectWidths(x: Tensor, widths: PadWidths): void {
  const isValid =
    Array.isArray(widths) &&
    widths.length === x.rank &&
    widths.every(pair => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isInteger))
  if (!isValid) {
    throw new ArgumentError(
      'pad',
      `needs a pair [before, after] of whole numbers for each of ${x.rank} axes, got ${JSON.stringify(widths)}.`,
    )
  }
  widths.forEach(([before, after], axis) => {
    if (x.shape[axis]! + Math.min(0, before) + Math.min(0, after) < 0) {
      throw new ShapeError(
        'pad',
        `cannot take ${Math.max(0, -before)} and ${Math.max(0, -after)} elements away from axis ${axis} of ${formatShape(x.shape)}.`,
        [x.shape],
      )
    }
  })
}

function padConstant(x: Tensor, widths: PadWidths, value: number): Tensor {
  const isCropped = widths.some(([before, after]) => before < 0 || after < 0)
  const inner = isCropped
    ? sliceRanges(x, {
        starts: widths.map(([before]) => Math.max(0, -before)),
        sizes: x.shape.map(
          (size, axis) => size + Math.min(0, widths[axis]![0]) + Math.min(0, widths[axis]![1]),
        ),
        steps: x.shape.map(() => 1),
      })
    : x
  const shape = x.shape.map((size, axis) => size + widths[axis]![0] + widths[axis]![1])
  const ranges = {
    starts: widths.map(([before]) => Math.max(0, before)),
    sizes: inner.shape,
    steps: inner.shape.map(() => 1),
  }
  const inside = place(inner, shape, ranges)
  return value === 0 ? inside : where(place(onesLike(inner), shape, ranges), inside, value)
}

/** Pads one axis, by at least one element or by less than none. */
type PadAxis = (x: Tensor, axis: number, before: number, after: number) => Tensor

const PAD_AXIS: { readonly [mode in Exclude<PadMode, 'constant'>]: PadAxis } = {
  // What is taken away at one end may still be mirrored or repeated at the other: so first add, then take away.
  reflect: (x, axis, before, after) => {
    const size = x.shape[axis]!
    expectLongEnough(x, axis, Math.max(before, after) < Math.max(1, size), 'reflect', before, after)
    return cropped(
      joined(axis, [
        flip(part(x, axis, 1, before), axis),
        x,
        flip(part(x, axis, size - 1 - after, after), axis),
      ]),
      axis,
      before,
      after,
    )
  },
  replicate: (x, axis, before, after) => {
    const size = x.shape[axis]!
    expectLongEnough(x, axis, size > 0 || Math.max(before, after) <= 0, 'replicate', before, after)
    const repeat = (at: number, count: number): Tensor =>
      expand(
        part(x, axis, at, 1),
        x.shape.map((length, k) => (k === axis ? count : length)),
      )
    return cropped(
      joined(axis, [
        ...(before > 0 ? [repeat(0, before)] : []),
        x,
        ...(after > 0 ? [repeat(size - 1, after)] : []),
      ]),
      axis,
      before,
      after,
    )
  },
  // What is taken away is gone from the circle: so first take away, then add.
  circular: (x, axis, before, after) => {
    const ring = cropped(x, axis, before, after)
    const size = ring.shape[axis]!
    expectLongEnough(ring, axis, Math.max(before, after) <= size, 'circular', before, after)
    return joined(axis, [part(ring, axis, size - before, before), ring, part(ring, axis, 0, after)])
  },
}

function expectLongEnough(
  x: Tensor,
  axis: number,
  isLongEnough: boolean,
  mode: PadMode,
  before: number,
  after: number,
): void {
  if (isLongEnough) return
  const limit = {
    constant: '',
    reflect: 'fewer than its size, because the edge is not repeated',
    replicate: 'nothing, because there is no element to repeat',
    circular: 'at most its size, once around',
  }[mode]
  throw new ShapeError(
    'pad',
    `mode '${mode}' cannot add ${before} and ${after} elements to axis ${axis} of ${formatShape(x.shape)}; it can add ${limit}.`,
    [x.shape],
  )
}

/** `count` positions of an axis from `start` on; none for a count of 0 or less. */
function part(x: Tensor, axis: number, start: number, count: number): Tensor {
  return sliceRanges(x, {
    starts: x.shape.map((_, k) => (k === axis && count > 0 ? start : 0)),
    sizes: x.shape.map((size, k) => (k === axis ? Math.max(0, count) : size)),
    steps: x.shape.map(() => 1),
  })
}

/** Joined along an axis, without empty parts; something is always left. */
function joined(axis: number, parts: readonly Tensor[]): Tensor {
  const filled = parts.filter(each => each.shape[axis] !== 0)
  if (filled.length <= 1) return filled[0] ?? parts[0]!
  return concat(filled, axis)
}

/** Without the elements that negative widths take away. */
function cropped(x: Tensor, axis: number, before: number, after: number): Tensor {
  if (before >= 0 && after >= 0) return x
  const first = Math.max(0, -before)
  return part(x, axis, first, x.shape[axis]! - first - Math.max(0, -after))
}
