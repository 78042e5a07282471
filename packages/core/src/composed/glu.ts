import { mul } from '../ops/mul.ts'
import { sigmoid } from '../ops/sigmoid.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { normalizeAxis } from '../shape/shape.ts'
import type { Resized, Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { slice } from './slice.ts'

/**
 * The gated linear unit: of two halves along an axis (the last one by default) the first, times σ of the second.
 * `[..., 2n] -> [..., n]`. Source: Y. Dauphin and others, "Language Modeling with Gated Convolutional Networks", ICML 2017.
 *
 * @example
 * ```ts
 * import { glu, tensor } from '@adjoint/core'
 * glu(tensor([6, 8, 0, 1000])).toArray() // => [3, 8]
 * ```
 * @throws ShapeError when the axis has an odd size; AxisError when it does not exist.
 */
export function glu<S extends Shape>(x: Tensor<S>, axis = -1): Tensor<Resized<S>> {
  const [values, gates] = halves('glu', x, axis)
  return mul(values, sigmoid(gates)) as unknown as Tensor<Resized<S>>
}

/** The two halves of a tensor along an axis, as views. */
export function halves(op: string, x: Tensor, axis: number): readonly [Tensor, Tensor] {
  const at = normalizeAxis(op, axis, expectTensor(op, x).rank)
  const size = x.shape[at] as number
  if (size % 2 !== 0) {
    throw new ShapeError(
      op,
      `axis ${at} of ${formatShape(x.shape)} has size ${size}, which has no halves; it needs an even size.`,
      [x.shape],
    )
  }
  const before = x.shape.slice(0, at).map(() => null)
  return [slice(x, ...before, [0, size / 2]), slice(x, ...before, [size / 2, size])]
}
