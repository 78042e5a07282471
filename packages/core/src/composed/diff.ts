import { cast } from '../ops/cast.ts'
import { sub } from '../ops/sub.ts'
import { expectOptions } from '../shape/arguments.ts'
import { ArgumentError, describe } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Resized, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { sliceAlong } from './sliceAlong.ts'

/** Settings of {@link diff}. */
export interface DiffOptions {
  /** How many times differences are taken. Default 1. */
  readonly times?: number
}

/**
 * The differences of neighbours along an axis, `x[i + 1] - x[i]`; with `times` 2 the differences of the differences, and
 * so on. One element fewer each time, none at the least. `bool` counts as 0 and 1.
 *
 * @example
 * ```ts
 * import { diff, tensor } from '@adjoint/core'
 * diff(tensor([1, 4, 9, 16])).toArray() // => [3, 5, 7]
 * diff(tensor([1, 4, 9, 16]), -1, { times: 2 }).toArray() // => [2, 2]
 * ```
 * @throws ArgumentError when `times` is not a whole number from 0 up.
 * @throws AxisError for an axis outside of the rank.
 */
export function diff<S extends Shape>(
  x: Tensor<S>,
  axis = -1,
  options: DiffOptions = {},
): Tensor<Resized<S>> {
  expectOptions('diff', options, ['times'])
  const { times = 1 } = options
  if (!Number.isInteger(times) || times < 0)
    throw new ArgumentError('diff', `times is a whole number from 0 up, got ${describe(times)}.`)
  const along = normalizeAxis('diff', axis, expectTensor('diff', x).rank)
  let result: Tensor = x.dtype === 'bool' ? cast(x as Tensor, 'int32') : x
  for (let i = 0; i < times && result.shape[along]! > 0; i++) {
    const size = result.shape[along]! - 1
    result = sub(sliceAlong(result, along, 1, size), sliceAlong(result, along, 0, size))
  }
  return result as unknown as Tensor<Resized<S>>
}
