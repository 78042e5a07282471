import { formatShape, sameShape } from '@adjoint/core/engine'
import {
  add,
  div,
  log,
  maximum,
  mul,
  type Shape,
  ShapeError,
  square,
  stopGradient,
  sub,
  type Tensor,
  unsqueeze,
} from '@adjoint/core/functional'
import { expectTensor } from '../module/shown.ts'
import {
  expectOperands,
  expectSetting,
  type LossShape,
  type Reduction,
  reduce,
  type TargetLike,
  type WeightedLossOptions,
} from './loss.ts'

/** Settings of {@link gaussianNegativeLogLikelihood}. */
export interface GaussianOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** Whether the constant ½ log 2π is added. Default false. */
  readonly full?: boolean
  /** The least variance that is reckoned with. Default 1e-6. */
  readonly epsilon?: number
}

/**
 * The negative logarithm of the density of y under Gaussian distributions with mean a and variance v, averaged over all
 * elements: ½ (log v + (a − y)²/v), and ½ log 2π more when it is `full`. `∂/∂a = (a − y)/v`,
 * `∂/∂v = ½ (1/v − (a − y)²/v²)`, divided by the number of elements. Nix and Weigend, Estimating the mean and variance of
 * the target probability distribution, 1994.
 *
 * `[...shape, n], [...shape, n] -> []`. The variance has the same shape, or one number for the n of an example:
 * `[...shape, 1]` or `[...shape]`. One below `epsilon` counts as `epsilon`, and its derivative is the one at `epsilon`,
 * so that it can grow again.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { gaussianNegativeLogLikelihood } from '@adjoint/nn'
 * const [a, y, v] = [tensor([[1, 2]]), tensor([[1, 4]]), tensor([[1, 4]])]
 * gaussianNegativeLogLikelihood(a, y, v, { reduction: 'none' }).toArray() // => [[0, 1.1931]]
 * ```
 * @throws ShapeError when the shapes do not fit; ArgumentError for an unknown reduction or setting.
 */
export function gaussianNegativeLogLikelihood<P extends Shape, T extends Shape, R extends Reduction = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  variance: Tensor,
  options: GaussianOptions<R> = {},
): Tensor<LossShape<R, P>> {
  const op = 'gaussianNegativeLogLikelihood'
  const [a, y] = [prediction as Tensor, target as Tensor]
  expectOperands(op, { prediction: a, target: y }, options, ['full', 'epsilon'])
  const epsilon = expectSetting(op, 'epsilon', options.epsilon ?? 1e-6, 0)
  const given = alignedVariance(op, variance, a.shape)
  // The value is held, the gradient passes: v − v is 0 in every place.
  const v = add(stopGradient(maximum(given, epsilon)), sub(given, stopGradient(given)))
  const losses = mul(add(log(v), div(square(sub(a, y)), v)), 0.5)
  const all = options.full ? add(losses, Math.log(2 * Math.PI) / 2) : losses
  return reduce(op, all, options) as Tensor<LossShape<R, P>>
}

/** The variance, with an axis of size 1 where it has one number for all of the last axis. */
function alignedVariance(op: string, variance: Tensor, shape: readonly number[]): Tensor {
  expectTensor(op, 'variance', variance)
  const found = variance.shape as readonly number[]
  const perExample = shape.slice(0, -1)
  if (sameShape(found, shape) || sameShape(found, [...perExample, 1])) return variance
  if (shape.length > 0 && sameShape(found, perExample)) return unsqueeze(variance, -1) as Tensor
  throw new ShapeError(
    op,
    `the variance has shape ${formatShape(found)}; it has that of the prediction, ${formatShape(shape)}, or one number for ` +
      `each of its last axis, ${formatShape([...perExample, 1])}.`,
    [found, shape],
  )
}
