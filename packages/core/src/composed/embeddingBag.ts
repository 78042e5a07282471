import { accumulate } from '../ops/accumulate.ts'
import { concat } from '../ops/concat.ts'
import { div } from '../ops/div.ts'
import { maximum } from '../ops/maximum.ts'
import { mul } from '../ops/mul.ts'
import { notEqual } from '../ops/notEqual.ts'
import { reshape } from '../ops/reshape.ts'
import { scatterExtreme } from '../ops/scatterExtreme.ts'
import { searchSorted } from '../ops/searchSorted.ts'
import { sub } from '../ops/sub.ts'
import { where } from '../ops/where.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { expectIndexDType } from '../primitive/positions.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { arange, expectTensor, ones, scalar, tensor, zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { diff } from './diff.ts'
import { type EmbeddingOptions, embedding, paddingRow } from './embedding.ts'
import { slice } from './slice.ts'

/** How {@link embeddingBag} joins the rows of a bag. */
export type BagMode = 'sum' | 'mean' | 'max'

/** Settings of {@link embeddingBag}. */
export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Default `'mean'`. */
  readonly mode?: BagMode
  /** Where each bag begins in a list of indices: int32 `[bags]`, ascending from 0. Needed for indices of one axis. */
  readonly offsets?: Tensor | null
  /** Whether the last offset is where the last bag ends, and begins none. Default false. */
  readonly includeLastOffset?: boolean
  /** A factor for each row, in the shape of the indices; for sums only. Default: none. */
  readonly perSampleWeights?: Tensor | null
}

/**
 * The sum, the mean or the largest entries of the rows of a table that belong together: a table `[n, d]` and int32 indices
 * `[bags, k]` give `[bags, d]`; so do indices `[total]` with the `offsets` where each bag begins. A bag without rows is 0.
 * Rows of `paddingIndex` are left out: they add nothing, do not count for the mean, and get no gradient.
 *
 * Kink policy: equal largest entries share the cotangent evenly (PyTorch gives it to the first).
 *
 * @example
 * ```ts
 * import { embeddingBag, tensor } from '@adjoint/core'
 * const table = tensor([[1, 2], [3, 4], [5, 6]])
 * const indices = tensor([0, 2, 1], { dtype: 'int32' })
 * const offsets = tensor([0, 2], { dtype: 'int32' })
 * embeddingBag(table, indices, { offsets, mode: 'mean' }).toArray() // => [[3, 4], [3, 4]]
 * embeddingBag(table, indices.reshape([1, 3]), { mode: 'sum' }).toArray() // => [[9, 12]]
 * ```
 * @throws ShapeError for indices of another rank, or per-sample weights of another shape; ArgumentError for an index out of
 * range, offsets that are missing, not needed, do not begin at 0 or do not ascend, an unknown mode, and per-sample weights without a sum;
 * DTypeError for indices or offsets that are not int32.
 */
export function embeddingBag(weights: Tensor, indices: Tensor, options: EmbeddingBagOptions = {}): Tensor {
  expectOptions('embeddingBag', options, [
    'mode',
    'offsets',
    'includeLastOffset',
    'perSampleWeights',
    'paddingIndex',
    'scaleGradientByFrequency',
  ])
  const { mode = 'mean', perSampleWeights = null, paddingIndex = null } = options
  const { scaleGradientByFrequency = false } = options
  if (!Object.hasOwn(JOINS, mode)) {
    throw new ArgumentError('embeddingBag', `there is no mode ${describe(mode)}; use sum, mean or max.`)
  }
  if (expectTensor('embeddingBag', weights).rank !== 2) {
    throw new ShapeError('embeddingBag', `takes a table [n, d], got ${formatShape(weights.shape)}.`, [
      weights.shape,
    ])
  }
  const { bags, ids } = bagsOf(expectIndexDType('embeddingBag', indices), options)
  const padding = paddingRow('embeddingBag', weights, paddingIndex)
  const list = reshape(indices, [indices.size])
  const found = embedding(weights, list, { paddingIndex: padding, scaleGradientByFrequency })
  // What is left out goes into a bag of its own, which nobody sees.
  const sorted = padding === null ? ids : where(notEqual(list, padding), ids, scalar(bags, 'int32'))
  const rows = perSampleWeights === null ? found : weighted(found, perSampleWeights, indices, mode)
  return slice(JOINS[mode](rows, sorted, bags + 1), [0, bags])
}

function weighted(rows: Tensor, weights: Tensor, indices: Tensor, mode: BagMode): Tensor {
  if (mode !== 'sum') {
    throw new ArgumentError('embeddingBag', `weights of samples belong to sums; the mode is '${mode}'.`)
  }
  if (!sameShape(expectTensor('embeddingBag', weights).shape, indices.shape)) {
    throw new ShapeError(
      'embeddingBag',
      `perSampleWeights must have the shape of the indices, ${formatShape(indices.shape)}, got ${formatShape(weights.shape)}.`,
      [indices.shape, weights.shape],
    )
  }
  return mul(rows, reshape(weights, [indices.size, 1]))
}

/** How many bags there are, and the bag of each index. */
function bagsOf(
  indices: Tensor,
  { offsets = null, includeLastOffset = false }: EmbeddingBagOptions,
): { readonly bags: number; readonly ids: Tensor } {
  const { rank, shape, size } = indices
  if (rank === 2 && offsets === null) {
    const [bags, length] = shape as [number, number]
    const ids = Int32Array.from({ length: size }, (_, i) => Math.floor(i / length))
    return { bags, ids: tensor(ids) }
  }
  if (rank === 2) {
    throw new ArgumentError(
      'embeddingBag',
      'the rows of two-dimensional indices are the bags; leave out offsets.',
    )
  }
  if (rank !== 1) {
    throw new ShapeError('embeddingBag', `takes indices [bags, k] or [total], got ${formatShape(shape)}.`, [
      shape,
    ])
  }
  if (offsets === null) {
    throw new ArgumentError('embeddingBag', 'a list of indices needs offsets, where each bag begins.')
  }
  expectIndexDType('embeddingBag', offsets)
  const bags = offsets.size - (includeLastOffset ? 1 : 0)
  if (offsets.rank !== 1 || bags < 0) {
    throw new ShapeError(
      'embeddingBag',
      `offsets must be a list${includeLastOffset ? ' with at least the last one' : ''}, got ${formatShape(offsets.shape)}.`,
      [offsets.shape],
    )
  }
  // A bag ends where the next one begins: an offset that goes back, or lies behind the list, would lose rows silently.
  wrapIndices(diff(concat([offsets, tensor([size], { dtype: 'int32' })], 0)) as Tensor, {
    size: size + 1,
    caller: 'embeddingBag',
    called: 'length',
    of: 'the bags; offsets ascend, and none lies behind the indices',
    wrap: false,
  })
  // The last offset that is not beyond the place: of bags that begin at the same place only the last has rows.
  const places = arange(0, size, 1, { dtype: 'int32' })
  const ids = sub(searchSorted(offsets, places, { side: 'right' }), 1) as Tensor
  const bounds = { size: bags + 1, caller: 'embeddingBag', of: 'the bags; offsets begin at 0', wrap: false }
  return { bags, ids: wrapIndices(ids, bounds) }
}

/** Rows `[total, d]` and the bag of each give `[bags, d]`. */
const JOINS: Readonly<Record<BagMode, (rows: Tensor, ids: Tensor, bags: number) => Tensor>> = {
  sum: (rows, ids, bags) => accumulate(rows, ids, bags),
  mean: (rows, ids, bags) => {
    const counts = accumulate(ones([ids.size], { dtype: rows.dtype }), ids, bags)
    return div(accumulate(rows, ids, bags), maximum(reshape(counts, [bags, 1]), 1))
  },
  max: (rows, ids, bags) =>
    scatterExtreme(zeros([bags, rows.shape[1]!], { dtype: rows.dtype }), ids, rows, true, false),
}
