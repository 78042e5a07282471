import { cast } from '../ops/cast.ts'
import { equal } from '../ops/equal.ts'
import { wrapIndices } from '../ops/wrapIndices.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError } from '../shape/errors.ts'
import { type DType, getDefaultDType } from '../storage/dtype.ts'
import { arange, expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { unsqueeze } from './unsqueeze.ts'

/** Settings of {@link oneHot}. */
export interface OneHotOptions {
  /** Element type of the result; the default dtype unless given. */
  readonly dtype?: DType
}

/**
 * For each int32 index a row of zeros with 1 at its place: `[...s] -> [...s, classes]`. A constant: no gradient flows
 * to whole numbers.
 *
 * @example
 * ```ts
 * import { oneHot, tensor } from '@adjoint/core'
 * oneHot(tensor([2, 0], { dtype: 'int32' }), 3).toArray() // => [[0, 0, 1], [1, 0, 0]]
 * ```
 * @throws ArgumentError for an index below 0 or not below `classes`; DTypeError for indices that are not int32.
 */
export function oneHot(indices: Tensor, classes: number, options: OneHotOptions = {}): Tensor {
  expectOptions('oneHot', options, ['dtype'])
  expectTensor('oneHot', indices)
  if (!Number.isInteger(classes) || classes < 0)
    throw new ArgumentError(
      'oneHot',
      `the number of classes must be a whole number from 0 up, got ${classes}.`,
    )
  const bounds = { size: classes, caller: 'oneHot', of: 'the classes', wrap: false }
  const wanted = unsqueeze(wrapIndices(indices, bounds), -1) as Tensor
  return cast(equal(wanted, arange(0, classes, 1, { dtype: 'int32' })), options.dtype ?? getDefaultDType())
}
