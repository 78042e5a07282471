import { ArgumentError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { partsOf } from './split.ts'

/**
 * At most `count` consecutive parts of one size along an axis, as views. The size is rounded up, so the last part may be
 * smaller, and there may be fewer parts.
 *
 * @example
 * ```ts
 * import { arange, chunk } from '@adjoint/core'
 * chunk(arange(5), 3).map(part => part.toArray()) // => [[0, 1], [2, 3], [4]]
 * ```
 * @throws ArgumentError when the count is not a whole number from 1 up; AxisError for an axis outside of the rank.
 */
export function chunk(x: Tensor, count: number, axis = 0): Tensor[] {
  const along = normalizeAxis('chunk', axis, expectTensor('chunk', x).rank)
  if (!Number.isInteger(count) || count < 1) {
    throw new ArgumentError('chunk', `the count must be a whole number from 1 up, got ${count}.`)
  }
  const length = x.shape[along]!
  const size = Math.ceil(length / count)
  const parts = size === 0 ? count : Math.ceil(length / size)
  return partsOf(
    x,
    along,
    Array.from({ length: parts }, (_, i) => Math.min(size, length - i * size)),
  )
}
