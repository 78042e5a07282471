import { reshape } from '../ops/reshape.ts'
import { type Ranges, sliceRanges } from '../ops/sliceRanges.ts'
import { ArgumentError, describe, formatShape } from '../shape/errors.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * What to take of one axis:
 * - a number: that position, and the axis is gone;
 * - `[start, stop]` or `[start, stop, step]`: positions from start (included) to stop (excluded); `null` is an open end;
 * - `null`: everything;
 * - `'...'`: everything on all axes in between;
 * - `'new'`: a new axis of size 1.
 *
 * Negative positions count from the end, a negative step walks backward.
 */
export type SliceRange =
  | number
  | readonly [start: number | null, stop: number | null, step?: number | null]
  | null
  | '...'
  | 'new'

/**
 * A part of a tensor, as a view; NumPy's `x[1:3, ::-1]` is `slice(x, [1, 3], [null, null, -1])`.
 *
 * @example
 * ```ts
 * import { arange, slice } from '@adjoint/core'
 * const x = arange(12).reshape([3, 4])
 * slice(x, -1).toArray() // => [8, 9, 10, 11]
 * slice(x, null, [null, null, -2]).toArray() // => [[3, 1], [7, 5], [11, 9]]
 * ```
 * @throws ArgumentError for a position outside of its axis, a step of 0, or more ranges than axes.
 */
export function slice(x: Tensor, ...ranges: readonly SliceRange[]): Tensor {
  expectTensor('slice', x)
  const specified = ranges.filter(range => range !== '...' && range !== 'new').length
  const dots = ranges.filter(range => range === '...').length
  if (specified > x.rank || dots > 1) {
    throw new ArgumentError(
      'slice',
      dots > 1
        ? "'...' may stand once only."
        : `${specified} ranges for ${formatShape(x.shape)}, which has ${x.rank} axes.`,
    )
  }
  const filled: readonly SliceRange[] = dots === 0 ? [...ranges, '...'] : ranges
  const found: { starts: number[]; sizes: number[]; steps: number[] } = { starts: [], sizes: [], steps: [] }
  const shape: number[] = []
  const take = (start: number, size: number, step: number, keep: boolean): void => {
    found.starts.push(start)
    found.sizes.push(size)
    found.steps.push(step)
    if (keep) shape.push(size)
  }
  for (const range of filled) {
    const axis = found.starts.length
    if (range === 'new') shape.push(1)
    else if (range === '...') {
      for (let rest = x.rank - specified; rest > 0; rest--) take(0, x.shape[found.starts.length]!, 1, true)
    } else if (range === null) take(0, x.shape[axis]!, 1, true)
    else if (typeof range === 'number') take(position(x, axis, range), 1, 1, false)
    else if (!Array.isArray(range)) {
      throw new ArgumentError(
        'slice',
        `a range is a number, [start, stop], null, '...' or 'new'; got ${describe(range)}.`,
      )
    } else {
      const { start, size, step } = resolve(x, axis, range)
      take(start, size, step, true)
    }
  }
  const part = sliceRanges(x, found satisfies Ranges)
  return shape.length === part.rank && !filled.includes('new') ? part : reshape(part, shape)
}

/** A single position, checked. */
function position(x: Tensor, axis: number, at: number): number {
  const size = x.shape[axis]!
  const wrapped = at < 0 ? at + size : at
  if (!Number.isInteger(at) || wrapped < 0 || wrapped >= size) {
    throw new ArgumentError('slice', `position ${at} is outside of axis ${axis} of ${formatShape(x.shape)}.`)
  }
  return wrapped
}

/** Start, length and step of a range, clamped to the axis as NumPy does. */
function resolve(
  x: Tensor,
  axis: number,
  range: readonly [number | null, number | null, (number | null)?],
): { start: number; size: number; step: number } {
  const length = x.shape[axis]!
  const step = range[2] ?? 1
  if (step === 0 || ![range[0] ?? 0, range[1] ?? 0, step].every(Number.isInteger)) {
    throw new ArgumentError(
      'slice',
      `[${range.join(', ')}] on axis ${axis} is no range; use whole numbers and a step other than 0.`,
    )
  }
  const lowest = step > 0 ? 0 : -1
  const highest = step > 0 ? length : length - 1
  const clamp = (at: number): number => Math.min(highest, Math.max(lowest, at < 0 ? at + length : at))
  const start = range[0] == null ? (step > 0 ? 0 : length - 1) : clamp(range[0])
  const stop = range[1] == null ? (step > 0 ? length : -1) : clamp(range[1])
  const size = Math.max(0, Math.ceil((stop - start) / step))
  return { start: size === 0 ? 0 : start, size, step }
}
