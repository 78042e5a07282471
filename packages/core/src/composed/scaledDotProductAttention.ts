import { add } from '../ops/add.ts'
import { logicalAnd } from '../ops/logicalAnd.ts'
import { maskedSoftmax } from '../ops/maskedSoftmax.ts'
import { matmul } from '../ops/matmul.ts'
import { mul } from '../ops/mul.ts'
import { swapLastAxes } from '../ops/permute.ts'
import { softmax } from '../ops/softmax.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, AxisError, DTypeError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { isFloating } from '../storage/dtype.ts'
import { expectTensor, scalar, tri } from '../tensor/create.ts'
import { dropoutMask } from '../tensor/random.ts'
import type { Rng } from '../tensor/rng.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link scaledDotProductAttention}. */
export interface AttentionOptions<Weights extends boolean = boolean> {
  /**
   * Which keys a query may see, broadcast against the scores `[..., n, m]`: bool, true = take part, or numbers that are
   * added to the scores, where -Infinity means no part. Default: all.
   */
  readonly mask?: Tensor
  /** Whether a query sees only the keys up to its own position, together with the mask if there is one. Default false. */
  readonly isCausal?: boolean
  /**
   * With `isCausal`: the position of the first query among the keys. Query i sees the keys 0 to i + `queryOffset`. Default
   * 0; it is the number of earlier keys when a sequence is written step by step.
   */
  readonly queryOffset?: number
  /** What the products are multiplied with. Default 1/√d. */
  readonly scale?: number
  /** Probability with which a weight is dropped; those that stay are multiplied with 1 / (1 - rate). Default 0. */
  readonly dropoutRate?: number
  /** Where dropout draws from. Needed for a rate above 0. */
  readonly rng?: Rng
  /** Whether the weights `[..., n, m]` are returned as well, after dropout. Default false. */
  readonly needWeights?: Weights
}

/** What attention gives, and the weights that it was summed with. */
export interface AttentionWithWeights {
  /** `[..., n, v]` */
  readonly output: Tensor
  /** `[..., n, m]`, or an average of such. */
  readonly weights: Tensor
}

const OP = 'scaledDotProductAttention'
const OPTIONS = ['mask', 'isCausal', 'queryOffset', 'scale', 'dropoutRate', 'rng', 'needWeights'] as const

/**
 * Attention: every query takes a weighted mean of the values, with weights that grow with the product of the query and the
 * key beside each value. `[..., n, d] × [..., m, d] × [..., m, v] -> [..., n, v]`; axes in front broadcast, so that several
 * queries may share keys.
 *
 *     weights = softmax(query keyᵀ / √d + mask)      output = weights value
 *
 * A query that may see no key at all gets 0, and no gradient flows through it: an average of nothing is a convention, and
 * this one is harmless. (PyTorch 1.13 gives NaN, and 0 from 2.5 on; JAX, whose masked scores are only very negative, gives
 * the mean of all values.) With `isCausal` positions are counted from the first key, as in PyTorch, also where there are
 * more keys than queries; see `queryOffset`.
 *
 * Source: A. Vaswani and others, "Attention Is All You Need", 2017.
 *
 * @example
 * ```ts
 * import { scaledDotProductAttention, tensor } from '@adjoint/core'
 * const query = tensor([[1, 0], [0, 1]])
 * const value = tensor([[1], [3]])
 * const mask = tensor([[true, false], [false, false]])
 * scaledDotProductAttention(query, query, value, { mask }).toArray() // => [[1], [0]]
 * const { weights } = scaledDotProductAttention(query, query, value, { isCausal: true, scale: 1, needWeights: true })
 * weights.toArray() // => [[1, 0], [0.2689, 0.7311]]
 * ```
 * @throws ShapeError when the sizes do not fit; AxisError for fewer than two axes; DTypeError for an int32 mask;
 * ArgumentError for settings that mean nothing, and for dropout without `rng`.
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options?: AttentionOptions<false>,
): Tensor
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions<true> & { readonly needWeights: true },
): AttentionWithWeights
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options?: AttentionOptions,
): Tensor | AttentionWithWeights
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor | AttentionWithWeights {
  expectOptions(OP, options, OPTIONS)
  expectSizes(query, key, value)
  const {
    scale = 1 / Math.sqrt(query.shape.at(-1) as number),
    dropoutRate = 0,
    needWeights = false,
  } = options
  if (!(typeof scale === 'number')) {
    throw new ArgumentError(OP, `scale must be a number, got ${describe(scale)}.`)
  }
  // The query is smaller than the scores.
  const scores = matmul(mul(query, scale), swapLastAxes(key)) as Tensor
  const weights = dropped(weightsOf(scores, options), dropoutRate, options.rng)
  const output = matmul(weights, value) as Tensor
  return needWeights ? { output, weights } : output
}

/** The softmax of the scores that take part. */
function weightsOf(scores: Tensor, { mask, isCausal = false, queryOffset = 0 }: AttentionOptions): Tensor {
  if (!Number.isInteger(queryOffset)) {
    throw new ArgumentError(OP, `queryOffset must be a whole number, got ${describe(queryOffset)}.`)
  }
  const [queries, keys] = scores.shape.slice(-2) as [number, number]
  const causal = isCausal ? (tri(queries, keys, queryOffset, { dtype: 'bool' }) as Tensor) : undefined
  if (mask === undefined) return causal === undefined ? softmax(scores) : maskedSoftmax(scores, causal)
  if (expectTensor(OP, mask).dtype === 'bool') {
    return maskedSoftmax(scores, causal === undefined ? mask : (logicalAnd(causal, mask) as Tensor))
  }
  if (!isFloating(mask.dtype)) {
    throw new DTypeError(
      OP,
      `the mask must be bool, true = take part, or numbers to add; got ${mask.dtype} of shape ${formatShape(mask.shape)}. ` +
        "Ones and zeros become a mask by mask.cast('bool').",
      [mask.dtype],
    )
  }
  return maskedSoftmax(add(scores, mask) as Tensor, causal ?? scalar(1, 'bool'))
}

function dropped(weights: Tensor, rate: number, rng: Rng | undefined): Tensor {
  if (rate === 0) return weights
  if (rng === undefined) {
    throw new ArgumentError(OP, 'dropout draws random numbers; pass a generator: { rng: new Rng(0) }.')
  }
  const dtype = weights.dtype as 'float32' | 'float64'
  return mul(weights, dropoutMask(rng, weights.shape as readonly number[], rate, { dtype }) as Tensor)
}

function expectSizes(query: Tensor, key: Tensor, value: Tensor): void {
  for (const [name, x] of Object.entries({ query, key, value })) {
    if (expectTensor(OP, x).rank >= 2) continue
    throw new AxisError(
      OP,
      -2,
      x.rank,
      `the ${name} needs positions and features, [..., n, d]; got rank ${x.rank}.`,
    )
  }
  const shapes = [query.shape, key.shape, value.shape].map(shape => shape as readonly number[])
  const [q, k, v] = shapes.map(formatShape)
  if (query.shape.at(-1) !== key.shape.at(-1)) {
    throw new ShapeError(OP, `query ${q} and key ${k} must have as many features, the last axis.`, shapes)
  }
  if (key.shape.at(-2) !== value.shape.at(-2)) {
    throw new ShapeError(
      OP,
      `key ${k} and value ${v} must have as many positions, the last axis but one.`,
      shapes,
    )
  }
}
