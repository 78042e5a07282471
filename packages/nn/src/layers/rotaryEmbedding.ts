import { expectOptions, formatShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  concat,
  mul,
  promote,
  reshape,
  type Shape,
  ShapeError,
  slice,
  stack,
  sub,
  type Tensor,
} from '@adjoint/core/functional'
import { expectTensor, shown } from '../module/shown.ts'
import { positionWaves } from '../sequences/positionWaves.ts'

/** Settings of {@link rotaryEmbedding}. */
export interface RotaryOptions {
  /** The slowest pair turns about once in 2π · `base` positions. Default 10000. */
  readonly base?: number
  /** Position of the first element in time. Default 0. */
  readonly offset?: number
  /**
   * Which features are turned together: neighbours, `(x₀, x₁), (x₂, x₃), ...`, as in the paper, or `'halves'`,
   * `(x₀, x_{d/2}), (x₁, x_{d/2 + 1}), ...`, as in GPT-NeoX and LLaMA. Default `'neighbours'`.
   */
  readonly pairs?: 'neighbours' | 'halves'
}

/** What {@link RotaryOptions} are called. */
export const ROTARY_OPTIONS: readonly (keyof RotaryOptions)[] = ['base', 'offset', 'pairs']

const OP = 'rotaryEmbedding'

/**
 * Turns pairs of features by an angle that grows with the position: `[..., time, features] -> [..., time, features]`. Pair i
 * of the element at position t is turned by the angle t · base^(-2i/features):
 *
 *     (a, b) -> (a cos θ - b sin θ, a sin θ + b cos θ)
 *
 * The product of a query and a key that are both turned depends on their distance only: rotations keep products, and two
 * of them differ by one. Applied to queries and keys of each head, not to values; see `rotary` of `MultiHeadAttention`.
 *
 * Source: J. Su and others, "RoFormer: Enhanced Transformer with Rotary Position Embedding", 2021.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { rotaryEmbedding } from '@adjoint/nn'
 * rotaryEmbedding(tensor([[1, 0], [1, 0]])).toArray() // => [[1, 0], [0.5403, 0.8415]]
 * ```
 * @throws ShapeError for an odd number of features, or fewer than two axes; ArgumentError for a base that is not above 0, an
 * offset that is not whole, or unknown pairs.
 */
export function rotaryEmbedding<S extends Shape>(x: Tensor<S>, options?: RotaryOptions): Tensor<S>
export function rotaryEmbedding(x: Tensor, options: RotaryOptions = {}): Tensor {
  expectTensor(OP, 'input', x)
  expectRotary(OP, options)
  const { base = 10000, offset = 0, pairs = 'neighbours' } = options
  const [time, features] = x.shape.slice(-2) as [number, number]
  if (x.rank < 2 || features % 2 !== 0) {
    throw new ShapeError(
      OP,
      `takes [..., time, features] with an even number of features, got ${formatShape(x.shape)}.`,
      [x.shape],
    )
  }
  const dtype = promote(x.dtype, 'float32')
  const { sine, cosine } = positionWaves(time, features, { base, offset, dtype })
  const axis = pairs === 'halves' ? -2 : -1
  const apart = axis === -2 ? [2, features / 2] : [features / 2, 2]
  const [a, b] = pairsOf(reshape(x, [...x.shape.slice(0, -1), ...apart]), axis)
  const turned: Tensor[] = [sub(mul(a, cosine), mul(b, sine)), add(mul(a, sine), mul(b, cosine))]
  return axis === -2 ? concat(turned, -1) : reshape(stack(turned, -1), x.shape as readonly number[])
}

/** First and second of each pair, `[..., features / 2]`. */
function pairsOf(x: Tensor, axis: -1 | -2): readonly [Tensor, Tensor] {
  const before = x.shape.slice(0, axis).map(() => null)
  return [slice(x, ...before, 0), slice(x, ...before, 1)]
}

/** @throws ArgumentError for settings that mean nothing. */
export function expectRotary(op: string, options: RotaryOptions): void {
  expectOptions(op, options, ROTARY_OPTIONS)
  const { base = 10000, offset = 0, pairs = 'neighbours' } = options
  if (!(typeof base === 'number' && base > 0 && base < Infinity)) {
    throw new ArgumentError(op, `base must be a number above 0, got ${shown(base)}.`)
  }
  if (!Number.isSafeInteger(offset)) {
    throw new ArgumentError(op, `offset must be a whole number, got ${shown(offset)}.`)
  }
  if (pairs !== 'neighbours' && pairs !== 'halves') {
    throw new ArgumentError(op, `pairs must be 'neighbours' or 'halves', got ${shown(pairs)}.`)
  }
}
