import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  type Parameter,
  type Rng,
  type Shape,
  slice,
  type Tensor,
} from '@adjoint/core/functional'
import type { Initializer } from '../initializers/initializer.ts'
import { normal } from '../initializers/normal.ts'
import type { ForwardContext } from '../module/module.ts'
import { type FloatingDType, newParameter, parameterDType } from '../module/newParameter.ts'
import { shown } from '../module/shown.ts'
import { expectSizes } from '../module/wholeNumber.ts'
import { besideSequence, type PositionedInput, positioned } from './sinusoidalPositionalEncoding.ts'

/** Settings of {@link LearnedPositionalEncoding}. */
export interface LearnedPositionalEncodingOptions {
  /** Where the first weights are drawn from. Needed unless the initialiser draws no random numbers. */
  readonly rng?: Rng
  /** First vectors, `[maximumLength, features]`. Default: normal with standard deviation 0.02. */
  readonly weightInitializer?: Initializer
  /** `[time, batch, features]` instead of `[batch, time, features]`. Default false. */
  readonly timeFirst?: boolean
  /** Default: the default dtype, float32. */
  readonly dtype?: FloatingDType
}

/**
 * Adds a learned vector to every element of a sequence, one for each position: y[t] = x[t] + w[t].
 * `[batch, time, features]` or `[time, features]`, the shape stays. In PyTorch this is an `nn.Embedding` of the positions.
 *
 * @example
 * ```ts
 * import { zeros } from '@adjoint/core'
 * import { initializers, LearnedPositionalEncoding } from '@adjoint/nn'
 * const encoding = new LearnedPositionalEncoding(16, 2, { weightInitializer: initializers.ones })
 * encoding.forward(zeros([1, 3, 2])).toArray() // => [[[1, 1], [1, 1], [1, 1]]]
 * ```
 */
export class LearnedPositionalEncoding {
  readonly maximumLength: number
  readonly features: number
  readonly timeFirst: boolean
  /** `[maximumLength, features]` */
  readonly weight: Parameter<[number, number]>

  /**
   * @param maximumLength how many positions there are
   * @param features size of the last axis
   * @throws ArgumentError for sizes that are not whole numbers from 1 up, or an initialiser that returns another shape or
   * dtype.
   */
  constructor(maximumLength: number, features: number, options: LearnedPositionalEncodingOptions = {}) {
    const op = 'LearnedPositionalEncoding'
    expectOptions(op, options, ['rng', 'weightInitializer', 'timeFirst', 'dtype'])
    expectSizes(op, { maximumLength, features })
    const { rng, weightInitializer = normal({ std: 0.02 }), timeFirst = false } = options
    const dtype = parameterDType(options.dtype)
    const weight = newParameter(op, 'weight', [maximumLength, features], weightInitializer, { rng, dtype })
    this.maximumLength = maximumLength
    this.features = features
    this.timeFirst = timeFirst
    this.weight = weight as Parameter<[number, number]>
  }

  /**
   * @param input a sequence, or `{ input, offset }` for one that goes on from a position
   * @throws ShapeError when the input is no sequence of as many features; ArgumentError when it is longer than
   * `maximumLength`.
   */
  forward(input: PositionedInput, context?: ForwardContext): Tensor
  forward<S extends Shape>(input: Tensor<S>, context?: ForwardContext): Tensor<S>
  forward(given: Tensor | PositionedInput): Tensor {
    const { input, time, offset } = positioned(String(this), given, this)
    if (offset + time > this.maximumLength) {
      throw new ArgumentError(
        String(this),
        `has ${this.maximumLength} positions, got a sequence from ${offset} to ${shown(offset + time - 1)}.`,
      )
    }
    const positions = slice(this.weight as Tensor, [offset, offset + time])
    return add(input, besideSequence(positions, input, this.timeFirst))
  }

  toString(): string {
    return `LearnedPositionalEncoding(${this.maximumLength}, ${this.features})`
  }
}
