import { scatterAdd } from '../ops/scatterAdd.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, DTypeError, describe, formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import { expectTensor, ones, zeros } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Settings of {@link bincount}. */
export interface BincountOptions {
  /** What each occurrence counts, in the shape of the input; gradients flow to it. Default: 1, as int32. */
  readonly weights?: Tensor
  /** The result has at least this many elements. Default 0. */
  readonly minLength?: number
}

/**
 * How often each whole number from 0 up occurs in a line of int32 numbers, or the sum of the weights where it does. As long
 * as the largest number asks for: the length depends on values, so this cannot be traced without them.
 *
 * @example
 * ```ts
 * import { bincount, tensor } from '@adjoint/core'
 * bincount(tensor([0, 2, 2], { dtype: 'int32' })).toArray() // => [1, 0, 2]
 * ```
 * @throws DTypeError when the numbers are not int32; ArgumentError when one is negative; ShapeError for other shapes.
 */
export function bincount(x: Tensor, options: BincountOptions = {}): Tensor<[number]> {
  expectOptions('bincount', options, ['weights', 'minLength'])
  const { weights, minLength = 0 } = options
  if (expectTensor('bincount', x).dtype !== 'int32')
    throw new DTypeError('bincount', `counts int32 numbers, got ${x.dtype}; use cast('int32').`, [x.dtype])
  if (x.rank !== 1) {
    throw new ShapeError(
      'bincount',
      `takes one line of numbers, got ${formatShape(x.shape)}; use flatten first.`,
      [x.shape],
    )
  }
  if (weights !== undefined && !sameShape(expectTensor('bincount', weights).shape, x.shape)) {
    throw new ShapeError(
      'bincount',
      `the weights ${formatShape(weights.shape)} must have the shape ${formatShape(x.shape)} of the numbers.`,
      [x.shape, weights.shape],
    )
  }
  if (!Number.isInteger(minLength) || minLength < 0)
    throw new ArgumentError('bincount', `minLength is a whole number from 0 up, got ${describe(minLength)}.`)
  let length = minLength
  for (const value of x.data()) {
    if (value < 0) throw new ArgumentError('bincount', `counts numbers from 0 up, got ${value}.`)
    length = Math.max(length, value + 1)
  }
  const counted = weights ?? ones(x.shape as readonly number[], { dtype: 'int32' })
  return scatterAdd(zeros([length], { dtype: counted.dtype }), 0, x, counted) as Tensor<[number]>
}
