import { add } from '../ops/add.ts'
import { stopGradient } from '../ops/stopGradient.ts'
import { sub } from '../ops/sub.ts'
import { formatShape, ShapeError } from '../shape/errors.ts'
import { sameShape } from '../shape/shape.ts'
import type { Shape } from '../shape/types.ts'
import { expectTensor } from '../tensor/create.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * The value of `hard` with the gradient of `x`: the straight-through estimator for steps that have no useful derivative,
 * rounding, thresholds, sampling (Bengio, Léonard, Courville 2013). Written as hard + (x - x), whose last two terms cancel
 * exactly for finite x.
 *
 * @example
 * ```ts
 * import { straightThrough, tensor } from '@adjoint/core'
 * const x = tensor([0.2, 0.7], { requiresGrad: true })
 * const bits = straightThrough(x, x.greater(0.5))
 * bits.toArray() // => [0, 1]
 * bits.mul(tensor([3, 5])).sum().backward()
 * x.grad?.toArray() // => [3, 5]
 * ```
 * @throws ShapeError when the two have different shapes.
 */
export function straightThrough<S extends Shape>(x: Tensor<S>, hard: Tensor): Tensor<S> {
  if (!sameShape(expectTensor('straightThrough', x).shape, expectTensor('straightThrough', hard).shape)) {
    throw new ShapeError(
      'straightThrough',
      `the value ${formatShape(hard.shape)} and the tensor ${formatShape(x.shape)} that its gradient goes to must have one shape.`,
      [x.shape, hard.shape],
    )
  }
  return add(stopGradient(hard), sub(x as Tensor, stopGradient(x as Tensor))) as Tensor as Tensor<S>
}
