import { accumulate } from '../ops/accumulate.ts'
import { add } from '../ops/add.ts'
import { equal } from '../ops/equal.ts'
import { mul } from '../ops/mul.ts'
import { pick } from '../ops/pick.ts'
import { reciprocal } from '../ops/reciprocal.ts'
import { reshape } from '../ops/reshape.ts'
import { stopGradient } from '../ops/stopGradient.ts'
import { sub } from '../ops/sub.ts'
import { where } from '../ops/where.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, AxisError, formatShape } from '../shape/errors.ts'
import { expectTensor, ones } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { takeAlong } from './take.ts'

/** Settings of {@link embedding}. */
export interface EmbeddingOptions {
  /** A row that is looked up like the others and gets no gradient; a negative one counts from the end. Default: none. */
  readonly paddingIndex?: number | null
  /**
   * Divides what each place adds to the gradient of its row by the number of places that look the row up: the gradient of
   * a row is then a mean, and so is no derivative of the value any more. Default false.
   */
  readonly scaleGradientByFrequency?: boolean
}

/**
 * Rows of a table of weights: `[n, ...d]` and int32 indices `[...i]` give `[...i, ...d]`. The gradient of a row is the sum
 * over all places where it was looked up, added in row-major order: the same on every run.
 *
 * @example
 * ```ts
 * import { embedding, tensor } from '@adjoint/core'
 * const weights = tensor([[0, 1], [2, 3], [4, 5]], { requiresGrad: true })
 * const y = embedding(weights, tensor([2, 0, 2], { dtype: 'int32' }), { paddingIndex: 0 })
 * y.toArray() // => [[4, 5], [0, 1], [4, 5]]
 * y.sum().backward()
 * weights.grad?.toArray() // => [[0, 0], [0, 0], [2, 2]]
 * ```
 * @throws ArgumentError for an index below 0 or not below n, and for a padding index out of range; DTypeError for indices
 * that are not int32.
 */
export function embedding(weights: Tensor, indices: Tensor, options: EmbeddingOptions = {}): Tensor {
  expectOptions('embedding', options, ['paddingIndex', 'scaleGradientByFrequency'])
  const { paddingIndex = null, scaleGradientByFrequency = false } = options
  if (expectTensor('embedding', weights).rank === 0)
    throw new AxisError(
      'embedding',
      0,
      0,
      'the weights need an axis to look up rows along, got a 0-d tensor.',
    )
  const padding = paddingRow('embedding', weights, paddingIndex)
  const rows = takeAlong('embedding', weights, indices, 0, false)
  const besideRow = (x: Tensor): Tensor =>
    reshape(x, [...indices.shape, ...weights.shape.slice(1).map(() => 1)])
  const scaled = scaleGradientByFrequency
    ? scaleGradient(rows, besideRow(frequencies(weights, indices)))
    : rows
  return padding === null ? scaled : where(besideRow(equal(indices, padding)), stopGradient(rows), scaled)
}

/** The padding index counted from the front. */
export function paddingRow(op: string, weights: Tensor, paddingIndex: number | null): number | null {
  if (paddingIndex === null) return null
  const rows = weights.shape[0]!
  const row = paddingIndex < 0 ? paddingIndex + rows : paddingIndex
  if (Number.isInteger(row) && row >= 0 && row < rows) return row
  throw new ArgumentError(
    op,
    `paddingIndex must be a row of the weights ${formatShape(weights.shape)}, got ${paddingIndex}.`,
  )
}

/** One divided by how often the row of each place is looked up. */
function frequencies(weights: Tensor, indices: Tensor): Tensor {
  const list = reshape(indices, [indices.size])
  const counts = accumulate(ones([indices.size], { dtype: weights.dtype }), list, weights.shape[0]!)
  return reciprocal(pick(counts, list))
}

/** The same value, a gradient times `factor`. The two terms that are added cancel exactly for finite rows. */
function scaleGradient(rows: Tensor, factor: Tensor): Tensor {
  const still = stopGradient(rows)
  return add(still, mul(sub(rows, still), factor))
}
