/** Settings that are one number for all axes of the space, or one for each. */

import { ArgumentError, describe, formatShape, ShapeError } from './errors.ts'

/** One number for every axis of the space, or one for each. */
export type PerAxis = number | readonly number[]

/**
 * How many axes of a tensor are space: as many as there are numbers in the first setting that is a list. Without a list
 * the first two axes are batch and channels.
 *
 * @throws ShapeError unless the tensor is `[batch, channels, ...space]` or `[channels, ...space]` with 1 to 3 axes of space.
 */
export function countSpace(
  op: string,
  shape: readonly number[],
  settings: readonly (PerAxis | readonly (number | null)[] | null | undefined)[],
): number {
  const list = settings.find(setting => Array.isArray(setting)) as readonly unknown[] | undefined
  const count = list?.length ?? shape.length - 2
  const lead = shape.length - count
  if (count >= 1 && count <= 3 && (lead === 1 || lead === 2)) return count
  const wanted =
    list === undefined
      ? '[batch, channels, ...space] with 1 to 3 axes of space, or, when the settings are lists, [channels, ...space]'
      : `${count} axes of space behind [batch, channels] or [channels], as its settings have ${count} numbers`
  throw new ShapeError(op, `takes ${wanted}; got ${formatShape(shape)}. Add axes with unsqueeze.`, [shape])
}

/** A setting for each of `count` axes, whole numbers from `least` up. */
export function perAxis(
  op: string,
  name: string,
  value: PerAxis | undefined,
  count: number,
  least: number,
): readonly number[] {
  const list: readonly number[] | undefined =
    typeof value === 'number' ? new Array<number>(count).fill(value) : value
  if (
    Array.isArray(list) &&
    list.length === count &&
    list.every(each => Number.isSafeInteger(each) && each >= least)
  ) {
    return list
  }
  const shown = Array.isArray(value) ? JSON.stringify(value) : describe(value)
  throw new ArgumentError(
    op,
    `${name} must be a whole number from ${least} up, or ${count} of them, one for each axis; got ${shown}.`,
  )
}
