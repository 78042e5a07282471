/** How far apart two sets of numbers are: absolutely, relative to their size, and in units in the last place. */

import { formatShape, sameShape } from '@adjoint/core/engine'
import type { DType } from '@adjoint/core/functional'
import { ShapeError } from '@adjoint/core/functional'
import { type Numbers, readNumbers } from './numbers.ts'

/** What {@link distance} measures. */
export interface Distance {
  /** Largest absolute difference of two entries; NaN and infinities count as `Infinity` unless both have them. */
  readonly maxAbs: number
  /** {@link maxAbs} over the largest absolute value on either side; 0 when both sides are 0. */
  readonly maxRel: number
  /** Largest difference of two entries in units in the last place of the dtype. */
  readonly maxUlp: number
  /** Where the entries differ most, one position per axis. */
  readonly worstIndex: readonly number[]
}

/**
 * The distance of two sets of numbers of one shape.
 *
 * `maxRel` is relative to the largest entry, not entry by entry: an entry near 0, what remains of larger terms that
 * cancelled, carries their rounding and would say nothing about the whole.
 *
 * @example
 * ```ts
 * import { distance } from '@adjoint/testing'
 * const { maxAbs, maxRel, worstIndex } = distance([[1, 2], [3, 4]], [[1, 2], [3, 5]])
 * maxAbs // => 1
 * maxRel // => 0.2
 * worstIndex // => [1, 1]
 * ```
 * @throws ShapeError when the shapes differ.
 */
export function distance(actual: Numbers, expected: Numbers, dtype: DType = 'float64'): Distance {
  const left = readNumbers('distance', 'actual', actual)
  const right = readNumbers('distance', 'expected', expected)
  if (!sameShape(left.shape, right.shape)) {
    const [have, want] = [formatShape(left.shape), formatShape(right.shape)]
    throw new ShapeError('distance', `cannot compare ${have} with ${want}; the shapes must be equal.`, [
      left.shape,
      right.shape,
    ])
  }
  const { maxAbs, maxRel, maxUlp, worst } = flatDistance(left.data, right.data, dtype)
  return { maxAbs, maxRel, maxUlp, worstIndex: indexAt(left.shape, worst) }
}

/** {@link distance} of flat data; `worst` is the position of the largest difference, -1 when there are no entries. */
export function flatDistance(
  actual: Float64Array,
  expected: Float64Array,
  dtype: DType,
): { maxAbs: number; maxRel: number; maxUlp: number; worst: number } {
  let maxAbs = 0
  let maxUlp = 0
  let worst = actual.length === 0 ? -1 : 0
  for (let i = 0; i < actual.length; i++) {
    const difference = absoluteDifference(actual[i]!, expected[i]!)
    maxUlp = Math.max(maxUlp, ulpDistance(actual[i]!, expected[i]!, dtype))
    if (difference > maxAbs) {
      maxAbs = difference
      worst = i
    }
  }
  const scale = Math.max(largest(actual), largest(expected))
  const maxRel = maxAbs === 0 ? 0 : Number.isFinite(maxAbs) ? maxAbs / scale : Number.POSITIVE_INFINITY
  return { maxAbs, maxRel, maxUlp, worst }
}

/**
 * {@link flatDistance} of two gradients, where NaN in the same place is no agreement but an infinite distance: nobody knows
 * the derivative there.
 */
export function gradientDistance(
  actual: Float64Array,
  expected: Float64Array,
  dtype: DType,
): ReturnType<typeof flatDistance> {
  const found = flatDistance(actual, expected, dtype)
  const unknown = actual.findIndex((value, i) => Number.isNaN(value) && Number.isNaN(expected[i]))
  if (unknown < 0 || found.maxAbs === Number.POSITIVE_INFINITY) return found
  const infinite = Number.POSITIVE_INFINITY
  return { maxAbs: infinite, maxRel: infinite, maxUlp: infinite, worst: unknown }
}

/** Largest absolute value among the finite entries. */
export function largest(data: ArrayLike<number>): number {
  let found = 0
  for (let i = 0; i < data.length; i++) {
    const size = Math.abs(data[i]!)
    if (size > found && size < Number.POSITIVE_INFINITY) found = size
  }
  return found
}

/** |x - y|, where equal infinities and two NaN are no difference, and NaN against a number is an infinite one. */
export function absoluteDifference(x: number, y: number): number {
  if (Object.is(x, y) || x === y) return 0
  const difference = Math.abs(x - y)
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
}

/**
 * Number of representable values of the dtype from one number to the other: 0 when they round to the same one, 1 for
 * neighbours. `Infinity` when exactly one of them is NaN.
 *
 * @example
 * ```ts
 * import { ulpDistance } from '@adjoint/testing'
 * ulpDistance(1, 1 + 2 ** -52) // => 1
 * ulpDistance(1, 1 + 2 ** -52, 'float32') // => 0
 * ulpDistance(-0, 0) // => 0
 * ```
 */
export function ulpDistance(x: number, y: number, dtype: DType = 'float64'): number {
  if (Number.isNaN(x) || Number.isNaN(y))
    return Number.isNaN(x) && Number.isNaN(y) ? 0 : Number.POSITIVE_INFINITY
  if (dtype === 'int32' || dtype === 'bool') return Math.abs(x - y)
  if (dtype === 'float32') return Math.abs(orderOfFloat32(x) - orderOfFloat32(y))
  const difference = orderOfFloat64(x) - orderOfFloat64(y)
  return Number(difference < 0n ? -difference : difference)
}

const bytes = new DataView(new ArrayBuffer(8))

/** Bit patterns of floats order like the numbers when those of negative ones are turned round. */
function orderOfFloat32(value: number): number {
  bytes.setFloat32(0, value)
  const bits = bytes.getInt32(0)
  return bits < 0 ? -(bits & 0x7fffffff) : bits
}

function orderOfFloat64(value: number): bigint {
  bytes.setFloat64(0, value)
  const bits = bytes.getBigInt64(0)
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits
}

/** The distance from 1 to the next number of a dtype. */
export function epsilonOf(dtype: DType): number {
  return dtype === 'float64' ? Number.EPSILON : 2 ** -23
}

/** One position per axis of the entry at a row-major position. */
export function indexAt(shape: readonly number[], position: number): number[] {
  const index = new Array<number>(shape.length).fill(0)
  let rest = Math.max(0, position)
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = Math.max(1, shape[axis]!)
    index[axis] = rest % size
    rest = Math.floor(rest / size)
  }
  return index
}
