import { reshape } from '../ops/reshape.ts'
import { AxisError } from '../shape/errors.ts'
import { normalizeAxis, sizeOf } from '../shape/shape.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Several neighbouring axes as one, in row-major order: from `start` to `end`, both included; all of them unless told
 * otherwise.
 *
 * @example
 * ```ts
 * import { flatten, zeros } from '@adjoint/core'
 * flatten(zeros([2, 3, 4])).shape // => [24]
 * flatten(zeros([2, 3, 4]), 1).shape // => [2, 12]
 * ```
 * @throws AxisError when an axis is outside of the rank, or the end comes before the start.
 */
export function flatten(x: Tensor): Tensor<[number]>
export function flatten(x: Tensor, start?: number, end?: number): Tensor
export function flatten(x: Tensor, start = 0, end = -1): Tensor {
  const { shape, rank, size } = expectTensor('flatten', x)
  // A 0-d tensor becomes a vector of one element.
  const axes = Math.max(1, rank)
  const [first, last] = [normalizeAxis('flatten', start, axes), normalizeAxis('flatten', end, axes)]
  if (first === 0 && last === axes - 1) return reshape(x, [size])
  if (last < first) {
    throw new AxisError('flatten', end, rank, `axis ${end} comes before axis ${start}; the start is first.`)
  }
  return reshape(x, [
    ...shape.slice(0, first),
    sizeOf(shape.slice(first, last + 1)),
    ...shape.slice(last + 1),
  ])
}
