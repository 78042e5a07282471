import { expectOptions, formatShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  promote,
  reshape,
  type Shape,
  ShapeError,
  slice,
  stack,
  type Tensor,
} from '@adjoint/core/functional'
import type { ForwardContext } from '../module/module.ts'
import { expectTensor, shown } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { positionWaves } from '../sequences/positionWaves.ts'

/** Settings of {@link SinusoidalPositionalEncoding}. */
export interface SinusoidalPositionalEncodingOptions {
  /** The slowest wave takes about 2π · `base` positions. Default 10000. */
  readonly base?: number
  /** `[time, batch, features]` instead of `[batch, time, features]`. Default false. */
  readonly timeFirst?: boolean
}

/** A sequence that does not begin at position 0. */
export interface PositionedInput {
  readonly input: Tensor
  /** Position of its first element. Default 0. */
  readonly offset?: number
}

/**
 * Adds to every element of a sequence what tells its position: waves of sine and cosine, each pair of features slower than the
 * one before. `[batch, time, features]` or `[time, features]`, the shape stays.
 *
 *     y[t, 2i] = x[t, 2i] + sin(t · base^(-2i/features))      y[t, 2i + 1] = x[t, 2i + 1] + cos(t · base^(-2i/features))
 *
 * Nothing is learned, so nothing is saved, and no length is too long. The elements are not scaled; the paper multiplies
 * its embeddings with √features before. Source: A. Vaswani and others, "Attention Is All You Need", 2017, section 3.5.
 *
 * @example
 * ```ts
 * import { zeros } from '@adjoint/core'
 * import { SinusoidalPositionalEncoding } from '@adjoint/nn'
 * new SinusoidalPositionalEncoding(2).forward(zeros([2, 2])).toArray() // => [[0, 1], [0.8415, 0.5403]]
 * ```
 */
export class SinusoidalPositionalEncoding {
  readonly features: number
  readonly base: number
  readonly timeFirst: boolean

  /**
   * @param features size of the last axis
   * @throws ArgumentError for features that are not a whole number from 1 up, or a base that is not above 0.
   */
  constructor(features: number, options: SinusoidalPositionalEncodingOptions = {}) {
    const { base = 10000, timeFirst = false } = options
    expectOptions('SinusoidalPositionalEncoding', options, ['base', 'timeFirst'])
    expectSizes('SinusoidalPositionalEncoding', { features })
    if (!(typeof base === 'number' && base > 0 && base < Infinity)) {
      throw new ArgumentError(
        'SinusoidalPositionalEncoding',
        `base must be a number above 0, got ${shown(base)}.`,
      )
    }
    this.features = features
    this.base = base
    this.timeFirst = timeFirst
  }

  /**
   * @param input a sequence, or `{ input, offset }` for one that goes on from a position
   * @throws ShapeError when the input is no sequence of as many features.
   */
  forward(input: PositionedInput, context?: ForwardContext): Tensor
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<S>
  forward(given: Tensor | PositionedInput): Tensor {
    const { input, time, offset } = positioned(String(this), given, this)
    const { features, base } = this
    const dtype = promote(input.dtype, 'float32')
    const { sine, cosine } = positionWaves(time, features, { base, offset, dtype })
    // Sines and cosines take turns; of an odd number of features the last one is a sine.
    const waves = slice(reshape(stack([sine, cosine], -1), [time, -1]), null, [0, features])
    return add(input, besideSequence(waves, input, this.timeFirst))
  }

  toString(): string {
    return `SinusoidalPositionalEncoding(${this.features})`
  }
}

/** The sequence, where it begins, and how long it is. */
export function positioned(
  op: string,
  given: Tensor | PositionedInput,
  { features, timeFirst }: { readonly features: number; readonly timeFirst: boolean },
): { readonly input: Tensor; readonly time: number; readonly offset: number } {
  const isOptions = typeof given === 'object' && given !== null && 'input' in given
  if (isOptions) expectOptions(op, given, ['input', 'offset'])
  const { input, offset = 0 }: PositionedInput = isOptions ? given : { input: given as Tensor }
  expectTensor(op, 'input', input)
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new ArgumentError(op, `offset must be a whole number from 0 up, got ${shown(offset)}.`)
  }
  if ((input.rank !== 2 && input.rank !== 3) || input.shape.at(-1) !== features) {
    const batch = timeFirst ? `[time, batch, ${features}]` : `[batch, time, ${features}]`
    throw new ShapeError(op, `takes ${batch} or [time, ${features}], got ${formatShape(input.shape)}.`, [
      input.shape,
    ])
  }
  return { input, offset, time: (timeFirst ? input.shape[0] : input.shape.at(-2)) as number }
}

/** `[time, features]` so that it broadcasts with a sequence. */
export function besideSequence(positions: Tensor, sequence: Tensor, timeFirst: boolean): Tensor {
  if (!timeFirst || sequence.rank === 2) return positions
  const [time, features] = positions.shape as readonly [number, number]
  return reshape(positions, [time, 1, features])
}
