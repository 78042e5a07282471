/** Sizes, strides and axes at run time. A shape is an array of sizes; `[]` is a 0-d tensor. */

import { ArgumentError, AxisError, describe } from './errors.ts'

/** Number of elements of a shape: the product of its sizes, 1 for `[]`. */
export function sizeOf(shape: readonly number[]): number {
  let size = 1
  for (let axis = 0; axis < shape.length; axis++) size *= shape[axis]!
  return size
}

/** Strides, in elements, of a row-major tensor of this shape: the last axis runs fastest. */
export function stridesOf(shape: readonly number[]): number[] {
  // Few axes, the case of most tensors, take no loop.
  switch (shape.length) {
    case 0:
      return []
    case 1:
      return [1]
    case 2:
      return [shape[1]!, 1]
    case 3:
      return [shape[1]! * shape[2]!, shape[2]!, 1]
  }
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= shape[axis]!
  }
  return strides
}

/** Whether two shapes have the same sizes. */
export function sameShape(left: readonly number[], right: readonly number[]): boolean {
  if (left === right) return true
  if (left.length !== right.length) return false
  for (let axis = 0; axis < left.length; axis++) if (left[axis] !== right[axis]) return false
  return true
}

/** Whether elements of this shape and these strides lie in memory in row-major order without gaps. */
export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis]!
    if (size === 0) return true
    if (size !== 1 && strides[axis] !== expected) return false
    expected *= size
  }
  return true
}

/**
 * Strides that show the elements of a strided tensor, in row-major order, in another shape of the same size; `undefined`
 * when there are none and the elements must be copied.
 */
export function reshapedStrides(
  from: readonly number[],
  strides: readonly number[],
  to: readonly number[],
): readonly number[] | undefined {
  if (from.includes(0)) return stridesOf(to)
  const result = new Array<number>(to.length)
  let axis = from.length
  // Of the run of axes that lie one after the other: elements not spoken for, and the stride of the next new axis.
  let [left, step] = [1, 1]
  for (let place = to.length - 1; place >= 0; place--) {
    const size = to[place]!
    if (left === 1 && size !== 1) {
      do axis--
      while (from[axis] === 1)
      left = from[axis]!
      step = strides[axis]!
      for (; axis > 0 && (from[axis - 1] === 1 || strides[axis - 1] === step * left); axis--)
        left *= from[axis - 1]!
    }
    if (left % size !== 0) return undefined
    result[place] = step
    step *= size
    left /= size
  }
  return result
}

/** Checks that a shape is a list of whole, non-negative sizes, and returns it. */
export function expectShapeArgument(op: string, shape: readonly number[]): readonly number[] {
  if (!Array.isArray(shape)) {
    throw new ArgumentError(op, `a shape is an array of sizes such as [2, 3], got ${describe(shape)}.`)
  }
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ArgumentError(op, `[${shape.join(', ')}] is not a shape; sizes are whole numbers from 0 up.`)
    }
  }
  return shape
}

/** Refuses what is no axis: settings that were given in its place above all. */
function expectAxis(op: string, axis: number): void {
  if (typeof axis === 'number') return
  const got = describe(axis)
  const hint = got.endsWith('object') ? '; settings come after the axis' : ''
  throw new ArgumentError(op, `an axis is a number, got ${got}${hint}.`)
}

/** Turns an axis that may count from the end into `0 .. rank - 1`. */
export function normalizeAxis(op: string, axis: number, rank: number): number {
  expectAxis(op, axis)
  const normalized = axis < 0 ? axis + rank : axis
  if (!Number.isInteger(axis) || normalized < 0 || normalized >= rank) throw new AxisError(op, axis, rank)
  return normalized
}

/** Axes of a reduction as ascending, distinct numbers; `undefined` means all of them. */
export function normalizeAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (axes === undefined) {
    const all = new Array<number>(rank)
    for (let axis = 0; axis < rank; axis++) all[axis] = axis
    return all
  }
  if (!Array.isArray(axes)) return [normalizeAxis(op, axes as number, rank)]
  const normalized = axes.map(axis => normalizeAxis(op, axis, rank)).sort((a, b) => a - b)
  for (let i = 1; i < normalized.length; i++) {
    if (normalized[i] === normalized[i - 1]) {
      throw new AxisError(
        op,
        normalized[i]!,
        rank,
        `axis ${normalized[i]} is named twice in [${axes.join(', ')}].`,
      )
    }
  }
  return normalized
}

/**
 * The axis of an op that works along one: `[axis]`, or `[]` for a 0-d tensor, which counts as a line of one element. Its axes
 * 0 and -1 may be named, as in PyTorch.
 */
export function lineAxes(op: string, axis: number, rank: number): number[] {
  if (rank > 0) return [normalizeAxis(op, axis, rank)]
  expectScalarAxis(op, axis)
  return []
}

/** {@link normalizeAxes} for reductions, where the axes 0 and -1 of a 0-d tensor may be named, as in PyTorch. */
export function reducedAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (rank > 0 || axes === undefined) return normalizeAxes(op, axes, rank)
  for (const axis of typeof axes === 'number' ? [axes] : normalizeAxes(op, axes, 1))
    expectScalarAxis(op, axis)
  return []
}

function expectScalarAxis(op: string, axis: number): void {
  expectAxis(op, axis)
  if (axis === 0 || axis === -1) return
  throw new AxisError(
    op,
    axis,
    0,
    `axis ${axis} is outside of a tensor of rank 0; of a 0-d tensor only the axes 0 and -1 may be named, and mean the one element.`,
  )
}
