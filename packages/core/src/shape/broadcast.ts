/** NumPy's broadcasting: align shapes at the right, sizes must be equal or 1. */

import { formatShape, ShapeError } from './errors.ts'
import { sameShape } from './shape.ts'

/** The common shape of two operands, or `undefined` when they do not broadcast. */
export function tryBroadcast(
  left: readonly number[],
  right: readonly number[],
): readonly number[] | undefined {
  if (sameShape(left, right)) return left
  const rank = Math.max(left.length, right.length)
  const shape = new Array<number>(rank)
  for (let axis = 1; axis <= rank; axis++) {
    const l = axis <= left.length ? left[left.length - axis]! : 1
    const r = axis <= right.length ? right[right.length - axis]! : 1
    if (l !== r && l !== 1 && r !== 1) return undefined
    shape[rank - axis] = l === 1 ? r : l
  }
  if (rank === left.length && sameShape(shape, left)) return left
  if (rank === right.length && sameShape(shape, right)) return right
  return shape
}

/** The common shape of two operands; the error names the op, both shapes and the axis that does not fit. */
export function broadcastShapes(
  op: string,
  left: readonly number[],
  right: readonly number[],
): readonly number[] {
  const shape = tryBroadcast(left, right)
  if (shape === undefined) throw new ShapeError(op, broadcastMistake(left, right), [left, right])
  return shape
}

function broadcastMistake(left: readonly number[], right: readonly number[]): string {
  let axis = 1
  while (axis <= left.length && axis <= right.length) {
    const l = left[left.length - axis]!
    const r = right[right.length - axis]!
    if (l !== r && l !== 1 && r !== 1) break
    axis++
  }
  const l = left[left.length - axis]!
  const r = right[right.length - axis]!
  const advice = adviceFor(left, right)
  return (
    `cannot broadcast ${formatShape(left)} with ${formatShape(right)}: ` +
    `axis ${-axis} has ${l} on the left and ${r} on the right (sizes must be equal, or one of them 1).${advice}`
  )
}

/** Suggests the axis of size 1 that would make the operands fit, when there is one. */
function adviceFor(left: readonly number[], right: readonly number[]): string {
  const [small, large, name] = left.length < right.length ? [left, right, 'left'] : [right, left, 'right']
  for (let axis = small.length; axis >= 0; axis--) {
    const widened = [...small.slice(0, axis), 1, ...small.slice(axis)]
    const common = tryBroadcast(widened, large)
    if (common !== undefined && sameShape(common, large)) {
      const from = axis === small.length ? -1 : axis
      return ` Did you mean ${name}.unsqueeze(${from}), of shape ${formatShape(widened)}?`
    }
  }
  return ''
}

/**
 * Strides that read a tensor as if it had `shape`: 0 along every axis that is repeated.
 * The shapes must broadcast.
 */
export function broadcastStrides(
  from: readonly number[],
  strides: readonly number[],
  shape: readonly number[],
): readonly number[] {
  if (sameShape(from, shape)) return strides
  const lead = shape.length - from.length
  const result = new Array<number>(shape.length)
  for (let axis = 0; axis < shape.length; axis++) {
    result[axis] = axis < lead || from[axis - lead] === 1 ? 0 : strides[axis - lead]!
  }
  return result
}

/** The axes of `shape` along which a tensor of shape `from` is repeated by broadcasting. */
export function repeatedAxes(from: readonly number[], shape: readonly number[]): number[] {
  const lead = shape.length - from.length
  const axes: number[] = []
  for (let axis = 0; axis < shape.length; axis++) {
    if (axis < lead || (from[axis - lead] === 1 && shape[axis] !== 1)) axes.push(axis)
  }
  return axes
}
