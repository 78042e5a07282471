import { max } from '../ops/max.ts'
import { reshape } from '../ops/reshape.ts'
import { ArgumentError, formatShape } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Resized, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The largest of each group of neighbours along an axis (the last one by default), which is divided evenly into `groups`:
 * `[..., groups * k] -> [..., groups]`. Equals share the cotangent evenly, as in `max`. Source: I. Goodfellow and others,
 * "Maxout Networks", ICML 2013.
 *
 * @example
 * ```ts
 * import { maxout, tensor } from '@adjoint/core'
 * maxout(tensor([1, 3, 2, -5, -4, -6]), 2).toArray() // => [3, -4]
 * ```
 * @throws ArgumentError when the axis cannot be divided into so many groups; AxisError when it does not exist.
 */
export function maxout<S extends Shape>(x: Tensor<S>, groups: number, axis = -1): Tensor<Resized<S>> {
  const at = normalizeAxis('maxout', axis, expectTensor('maxout', x).rank)
  const shape = x.shape as readonly number[]
  const size = shape[at]!
  if (!Number.isInteger(groups) || groups < 1 || size % groups !== 0) {
    throw new ArgumentError(
      'maxout',
      `axis ${at} of ${formatShape(shape)} has size ${size}, which ${groups} groups of one size cannot share.`,
    )
  }
  const grouped = reshape(x as Tensor, [...shape.slice(0, at), groups, size / groups, ...shape.slice(at + 1)])
  return max(grouped, at + 1) as unknown as Tensor<Resized<S>>
}
