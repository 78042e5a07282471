/** Positions for the functions that take one index per element along an axis: gather's layout. Not public. */

import { expand } from '../ops/expand.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { expectIndexDType } from '../primitive/positions.ts'
import { tryBroadcast } from '../shape/broadcast.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis, sameShape, stridesOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Where in the row-major order of a shape the indices along an axis point: the index there, and on the other axes the
 * place of the index itself.
 */
export function positionsAlong(op: string, shape: readonly number[], axis: number, indices: Tensor): Tensor {
  const strides = stridesOf(shape)
  return wrapIndices(indices, {
    size: shape[axis] ?? 1,
    caller: op,
    of: { axis, shape },
    scale: strides[axis] ?? 1,
    steps: strides.map((stride, k) => (k === axis || shape[k] === 1 ? 0 : stride)),
  })
}

/** The axis of an op in gather's layout, where a 0-d tensor counts as one element along axis 0. */
export function scatterAxis(op: string, x: Tensor, axis: number): number {
  return normalizeAxis(op, axis, Math.max(1, expectTensor(op, x).rank))
}

/** Checks indices in gather's layout: the rank of `x`, and no larger on the other axes. */
export function expectScatterIndices(op: string, x: Tensor, axis: number, indices: Tensor): void {
  expectIndexDType(op, indices)
  if (indices.rank === x.rank && indices.shape.every((size, k) => k === axis || size <= x.shape[k]!)) return
  throw new ShapeError(
    op,
    `indices of shape ${formatShape(indices.shape)} do not fit ${formatShape(x.shape)} along axis ${axis}; ` +
      'the rank must be the same and no other size larger.',
    [x.shape, indices.shape],
  )
}

/** A source in the shape of its indices; a number, or a tensor that broadcasts, is repeated. */
export function expectSource(op: string, source: Tensor, shape: readonly number[], what: string): Tensor {
  const common = tryBroadcast(source.shape, shape)
  if (common !== undefined && sameShape(common, shape))
    return sameShape(source.shape, shape) ? source : expand(source, shape)
  throw new ShapeError(
    op,
    `the source ${formatShape(source.shape)} does not fill ${what} ${formatShape(shape)}; the shapes must be equal, or the source must broadcast.`,
    [source.shape, shape],
  )
}
