import { formatShape, sameShape } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  minimum,
  pairwiseDistance,
  relu,
  type Shape,
  ShapeError,
  sub,
  Tensor,
} from '@adjoint/core/functional'
import { shown } from '../module/shown.ts'
import {
  expectOperands,
  expectSetting,
  type LossShape,
  type Reduction,
  reduce,
  type WeightedLossOptions,
} from './loss.ts'

/** Settings of {@link tripletMarginWithDistance}. */
export interface TripletMarginWithDistanceOptions<R extends Reduction = Reduction>
  extends WeightedLossOptions<R> {
  /** One distance for every example of two batches. Default: Euclidean, along the last axis. */
  readonly distance?: (x: Tensor, y: Tensor) => Tensor
  /** How much farther the negative must be than the positive. Default 1. */
  readonly margin?: number
  /** Whether the distance of the negative from the positive counts where that is the smaller one. Default false. */
  readonly swap?: boolean
}

/**
 * For triplets of an anchor, a positive of its kind and a negative of another, averaged over the triplets:
 * max(0, d(anchor, positive) − d(anchor, negative) + margin), with any distance d. Its gradient is that of the distances,
 * 0 where the negative is far enough. With `swap`, d(anchor, negative) is the smaller of it and d(positive, negative):
 * Balntas et al., Learning local feature descriptors with triplets and shallow convolutional neural networks, 2016.
 *
 * Three of `[m, n] -> []`; `'none'` gives what the distance gives, `[m]`.
 *
 * @example
 * ```ts
 * import { cosineSimilarity, sub, type Tensor, tensor } from '@adjoint/core'
 * import { tripletMarginWithDistance } from '@adjoint/nn'
 * const distance = (x: Tensor, y: Tensor) => sub(1, cosineSimilarity(x, y))
 * const [anchor, positive, negative] = [tensor([[1, 0]]), tensor([[1, 0]]), tensor([[0, 1]])]
 * tripletMarginWithDistance(anchor, positive, negative, { distance, margin: 1.5 }).item() // => 0.5
 * ```
 * @throws ShapeError when the shapes differ; ArgumentError for an unknown reduction or setting.
 */
export function tripletMarginWithDistance<R extends Reduction = 'mean'>(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'tripletMarginWithDistance'
  expectOperands(op, { anchor, positive, negative }, options, ['distance', 'margin', 'swap'])
  const { distance = pairwiseDistance as (x: Tensor, y: Tensor) => Tensor } = options
  if (typeof distance !== 'function') {
    throw new ArgumentError(op, `the distance must be a function of two tensors, got ${shown(distance)}.`)
  }
  return tripletLoss(op, [anchor, positive, negative], options, (x, y) => {
    const found: unknown = distance(x, y)
    if (found instanceof Tensor) return found
    throw new ArgumentError(op, `the distance must return a tensor, it returned ${shown(found)}.`)
  }) as Tensor<LossShape<R, Shape>>
}

/** The loss in the name of another function, of operands that are checked. */
export function tripletLoss(
  op: string,
  [anchor, positive, negative]: readonly [Tensor, Tensor, Tensor],
  options: Omit<TripletMarginWithDistanceOptions, 'distance'>,
  distance: (x: Tensor, y: Tensor) => Tensor,
): Tensor {
  const margin = expectSetting(op, 'margin', options.margin ?? 1, -Infinity)
  const near = distance(anchor, positive)
  const direct = distance(anchor, negative)
  if (!sameShape(near.shape, direct.shape)) {
    throw new ShapeError(
      op,
      `the distance gave shapes ${formatShape(near.shape)} and ${formatShape(direct.shape)}.`,
      [near.shape, direct.shape],
    )
  }
  const far = options.swap ? minimum(direct, distance(positive, negative)) : direct
  return reduce(op, relu(add(sub(near, far), margin)), options)
}
