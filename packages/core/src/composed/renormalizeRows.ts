import { accumulate } from '../ops/accumulate.ts'
import { add } from '../ops/add.ts'
import { div } from '../ops/div.ts'
import { greater } from '../ops/greater.ts'
import { logicalAnd } from '../ops/logicalAnd.ts'
import { mul } from '../ops/mul.ts'
import { norm } from '../ops/norm.ts'
import { reshape } from '../ops/reshape.ts'
import { where } from '../ops/where.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, formatShape, ShapeError } from '../shape/errors.ts'
import { expectNumber, expectTensor, ones, scalar } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link renormalizeRows}. */
export interface RenormalizeRowsOptions {
  /** The longest that a row may be. */
  readonly maxNorm: number
  /** The p of the norm. Default 2. */
  readonly normType?: number
}

/**
 * A table of weights `[n, d]` in which no row that is looked up is longer than `maxNorm`: those that are, are scaled down to
 * it, all others stay. What PyTorch's `max_norm` does to the weights of an embedding; here the result is a new table, to be
 * assigned or not.
 *
 * @param indices int32 of any shape, the rows that are looked up
 * @example
 * ```ts
 * import { renormalizeRows, tensor } from '@adjoint/core'
 * const table = tensor([[3, 4], [0.5, 0], [6, 8]])
 * renormalizeRows(table, tensor([0, 1], { dtype: 'int32' }), { maxNorm: 1 }).toArray()
 * // => [[0.6, 0.8], [0.5, 0], [6, 8]]
 * ```
 * @throws ArgumentError for an index out of range, or a norm that is not above 0; DTypeError for indices that are not int32.
 */
export function renormalizeRows(weights: Tensor, indices: Tensor, options: RenormalizeRowsOptions): Tensor {
  expectOptions('renormalizeRows', options, ['maxNorm', 'normType'])
  // Plain JavaScript may leave them out.
  const { maxNorm, normType = 2 } = (options ?? {}) as RenormalizeRowsOptions
  if (expectTensor('renormalizeRows', weights).rank !== 2) {
    throw new ShapeError('renormalizeRows', `takes a table [n, d], got ${formatShape(weights.shape)}.`, [
      weights.shape,
    ])
  }
  if (!(expectNumber('renormalizeRows', 'maxNorm', maxNorm) > 0)) {
    throw new ArgumentError('renormalizeRows', `maxNorm must be above 0, got ${maxNorm}.`)
  }
  const rows = weights.shape[0]!
  const bounds = { size: rows, caller: 'renormalizeRows', of: { axis: 0, shape: weights.shape }, wrap: false }
  const list = wrapIndices(reshape(indices, [indices.size]), bounds)
  const seen = accumulate(ones([indices.size], { dtype: 'float32' }), list, rows)
  const length = norm(weights, 1, { order: normType })
  const isLong = logicalAnd(greater(seen, 0), greater(length, maxNorm))
  // PyTorch's 1e-7 keeps a row that is scaled down just below the bound.
  const factor = where(isLong, div(maxNorm, add(length, 1e-7)), scalar(1, length.dtype))
  return mul(weights, reshape(factor, [rows, 1]))
}
