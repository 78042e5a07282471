import { reshape } from '../ops/reshape.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxes } from '../shape/shape.ts'
import type { Shape, Squeezed } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Without axes of size 1: the given ones, or all of them.
 *
 * @example
 * ```ts
 * import { squeeze, zeros } from '@adjoint/core'
 * squeeze(zeros([2, 1, 3, 1])).shape // => [2, 3]
 * squeeze(zeros([2, 1, 3, 1]), 1).shape // => [2, 3, 1]
 * ```
 * @throws ShapeError when a given axis has another size; AxisError when it does not exist.
 */
export function squeeze<
  S extends Shape,
  const Axis extends number | readonly number[] | undefined = undefined,
>(x: Tensor<S>, axis?: Axis): Tensor<Squeezed<S, Axis>> {
  expectTensor('squeeze', x)
  const axes =
    axis === undefined
      ? x.shape.flatMap((size, k) => (size === 1 ? [k] : []))
      : normalizeAxes('squeeze', axis, x.rank)
  for (const k of axes) {
    if (x.shape[k] !== 1) {
      throw new ShapeError(
        'squeeze',
        `axis ${k} of ${formatShape(x.shape)} has size ${x.shape[k]}, only axes of size 1 can go.`,
        [x.shape],
      )
    }
  }
  const shape: readonly number[] = x.shape.filter((_, k) => !axes.includes(k))
  return reshape(x, shape) as unknown as Tensor<Squeezed<S, Axis>>
}
