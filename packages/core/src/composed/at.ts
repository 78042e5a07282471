import { add } from '../ops/add.ts'
import { mul } from '../ops/mul.ts'
import { permute } from '../ops/permute.ts'
import { pick } from '../ops/pick.ts'
import { reshape } from '../ops/reshape.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { broadcastShapes } from '../shape/broadcast.ts'
import { ArgumentError, DTypeError, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape, sizeOf } from '../shape/shape.ts'
import { expectTensor, scalar } from '../tensor/create.ts'
import { Tensor } from '../tensor/tensor.ts'
import { nonzeroPositions } from './nonzero.ts'
import { type SliceRange, slice } from './slice.ts'

/**
 * What to take of one axis, or of several: whatever `slice` knows, and besides
 * - an int32 tensor: the positions it lists;
 * - a bool tensor of rank r: on r axes at once, the places where it is true.
 */
export type Index = SliceRange | Tensor

/**
 * The elements at ranges, positions, lists of positions and masks, mixed as in NumPy's `x[...]`.
 *
 * Tensors of indices broadcast together, and their common shape stands in the result where the first of them stood when
 * they are neighbours, otherwise in front. Beside a tensor a plain number is an index tensor too, of rank 0. Negative
 * indices count from the end. Without tensors the result is a view, as `slice` gives it. A mask is the list of the places
 * where it is true, so the shape of the result depends on its values.
 *
 * The cotangent of an element is the sum over all its copies, added in row-major order.
 *
 * @example
 * ```ts
 * import { arange, at, tensor } from '@adjoint/core'
 * const x = arange(12).reshape([3, 4])
 * const rows = tensor([2, 0], { dtype: 'int32' })
 * at(x, rows, [1, 3]).toArray() // => [[9, 10], [1, 2]]
 * at(x, rows, tensor([0, -1], { dtype: 'int32' })).toArray() // => [8, 3]
 * at(x, x.greater(8)).toArray() // => [9, 10, 11]
 * ```
 * @throws ArgumentError for an index out of range, or more indices than axes; ShapeError for index tensors that do not
 * broadcast together and for masks of another size than their axes; DTypeError for tensors that are neither int32 nor bool.
 */
export function at(x: Tensor, ...indices: readonly Index[]): Tensor {
  return elementsAt('at', x, indices)
}

/** An index tensor at work: positions along some neighbouring axes of the sliced tensor, seen as one. */
interface Chosen {
  readonly positions: Tensor
  /** The first of its axes. */
  readonly axis: number
  readonly axes: number
  /** Number of elements along these axes together. */
  readonly size: number
}

/** {@link at} in the name of another function. */
export function elementsAt(op: string, x: Tensor, indices: readonly Index[]): Tensor {
  expectTensor(op, x)
  if (!indices.some(index => index instanceof Tensor)) return slice(x, ...(indices as readonly SliceRange[]))
  const { ranges, chosen, together } = resolve(op, x, indices)
  const sliced = ranges.some(range => range !== null) ? slice(x, ...ranges) : x
  const size = chosen.reduce((all, each) => all * each.size, 1)
  const axes = chosen.reduce((all, each) => all + each.axes, 0)
  const start = together ? chosen[0]!.axis : 0
  const moved = together ? sliced : permute(sliced, chosenFirst(sliced.rank, chosen))
  const shape = moved.shape as readonly number[]
  const merged =
    axes === 1 ? moved : reshape(moved, [...shape.slice(0, start), size, ...shape.slice(start + axes)])
  return pick(merged, joinedPositions(op, chosen), start)
}

/** The order of axes that brings those of the index tensors to the front. */
function chosenFirst(rank: number, chosen: readonly Chosen[]): readonly number[] {
  const taken = chosen.flatMap(({ axis, axes }) => Array.from({ length: axes }, (_, k) => axis + k))
  const rest = Array.from({ length: rank }, (_, axis) => axis).filter(axis => !taken.includes(axis))
  return [...taken, ...rest]
}

/** What is left for `slice`, what for the index tensors, and whether these are neighbours. */
function resolve(
  op: string,
  x: Tensor,
  indices: readonly Index[],
): {
  readonly ranges: readonly SliceRange[]
  readonly chosen: readonly Chosen[]
  readonly together: boolean
} {
  const shape = x.shape as readonly number[]
  const rest = shape.length - indices.reduce<number>((sum, index) => sum + axesOf(index), 0)
  const dots = indices.filter(index => index === '...').length
  if (rest < 0 || dots > 1) {
    throw new ArgumentError(
      op,
      dots > 1
        ? "'...' may stand once only."
        : `indices for ${shape.length - rest} axes, but ${formatShape(shape)} has ${shape.length}.`,
    )
  }
  const ranges: SliceRange[] = []
  const chosen: Chosen[] = []
  const places: number[] = []
  let axis = 0
  const choose = (place: number, positions: Tensor, axes: number, size: number): void => {
    chosen.push({ positions, axis: ranges.length, axes: Math.max(1, axes), size })
    places.push(place)
    // A mask without axes stands on a new one.
    if (axes === 0) ranges.push('new')
    for (let k = 0; k < axes; k++) ranges.push(null)
    axis += axes
  }
  for (const [place, index] of indices.entries()) {
    if (index === '...') {
      for (let k = 0; k < rest; k++) ranges.push(null)
      axis += rest
    } else if (index instanceof Tensor && index.dtype === 'bool') {
      const covered = shape.slice(axis, axis + index.rank)
      if (!sameShape(index.shape, covered)) throw wrongMask(op, index, shape, axis)
      choose(place, nonzeroPositions(index), index.rank, sizeOf(covered))
    } else if (index instanceof Tensor) {
      choose(place, positionsOf(op, index, shape, axis), 1, shape[axis]!)
    } else if (typeof index === 'number') {
      choose(place, scalar(positionOf(op, index, shape, axis), 'int32'), 1, shape[axis]!)
    } else {
      ranges.push(index)
      if (index !== 'new') axis++
    }
  }
  return { ranges, chosen, together: places.every((place, i) => i === 0 || place === places[i - 1]! + 1) }
}

/** How many axes an index speaks of. */
function axesOf(index: Index): number {
  if (index === '...' || index === 'new') return 0
  return index instanceof Tensor && index.dtype === 'bool' ? index.rank : 1
}

function positionsOf(op: string, indices: Tensor, shape: readonly number[], axis: number): Tensor {
  if (indices.dtype !== 'int32') {
    throw new DTypeError(
      op,
      `an index tensor is int32, or bool as a mask; got ${indices.dtype}. Make it with { dtype: 'int32' } or cast('int32').`,
      [indices.dtype],
    )
  }
  return wrapIndices(indices, { size: shape[axis]!, caller: op, of: { axis, shape } })
}

function positionOf(op: string, index: number, shape: readonly number[], axis: number): number {
  const size = shape[axis]!
  const position = index < 0 ? index + size : index
  if (Number.isInteger(index) && position >= 0 && position < size) return position
  throw new ArgumentError(
    op,
    `index ${index} is outside of axis ${axis} of ${formatShape(shape)}, of size ${size}.`,
  )
}

function wrongMask(op: string, mask: Tensor, shape: readonly number[], axis: number): ShapeError {
  const axes = mask.rank === 1 ? `axis ${axis}` : `axes ${axis} to ${axis + mask.rank - 1}`
  return new ShapeError(
    op,
    `the mask ${formatShape(mask.shape)} does not have the sizes of ${axes} of ${formatShape(shape)}.`,
    [shape, mask.shape],
  )
}

/** Positions along several axes as positions along the one that they become when they are merged. */
function joinedPositions(op: string, chosen: readonly Chosen[]): Tensor {
  if (chosen.length === 1) return chosen[0]!.positions
  // Asked first, so that a mistake is reported in the name of the op.
  chosen.reduce<readonly number[]>((shape, { positions }) => broadcastShapes(op, shape, positions.shape), [])
  return chosen
    .map(({ positions }) => positions)
    .reduce((joined, positions, i) => add(mul(joined, chosen[i]!.size), positions))
}
