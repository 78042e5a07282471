import { cosineSimilarity, equal, relu, type Shape, sub, type Tensor, where } from '@adjoint/core/functional'
import {
  axisOfUnits,
  expectOnePerExample,
  expectOperands,
  expectSetting,
  expectSigns,
  type LossShape,
  type Reduction,
  reduce,
  type WeightedLossOptions,
  withoutAxis,
} from './loss.ts'

/** Settings of {@link cosineEmbedding}. */
export interface CosineEmbeddingOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** The cosine above which dissimilar pairs cost something, from -1 to 1. Default 0. */
  readonly margin?: number
}

/**
 * For pairs of vectors, and targets y that are 1 for similar and −1 for dissimilar ones, averaged over the pairs:
 * 1 − cos(a, b) where y = 1, max(0, cos(a, b) − margin) where y = −1. With unit vectors u = a/‖a‖ and v = b/‖b‖,
 * `∂cos/∂a = (v − cos u)/‖a‖`; divided by the number of pairs.
 *
 * `[m, n], [m, n], [m] -> []`; in columns `[n, m]`; `'none'` gives `[m]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { cosineEmbedding } from '@adjoint/nn'
 * const [a, b] = [tensor([[1, 0], [3, 4]]), tensor([[0, 2], [6, 8]])]
 * cosineEmbedding(a, b, tensor([1, -1]), { margin: 0.5, reduction: 'none' }).toArray() // => [1, 0.5]
 * ```
 * @throws ShapeError when the shapes do not fit; DTypeError for boolean targets; ArgumentError for an unknown reduction,
 * layout or setting.
 */
export function cosineEmbedding<S extends Shape, R extends Reduction = 'mean'>(
  first: Tensor<S>,
  second: Tensor<NoInfer<S>>,
  target: Tensor,
  options: CosineEmbeddingOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'cosineEmbedding'
  const [a, b] = [first as Tensor, second as Tensor]
  expectOperands(op, { first: a, second: b }, options, ['margin'])
  const axis = axisOfUnits(op, 'the first is', a, options)
  expectOnePerExample(op, 'target', target, withoutAxis(a, axis))
  expectSigns(op, target)
  const margin = expectSetting(op, 'margin', options.margin ?? 0, -Infinity)
  const cosine = cosineSimilarity(a, b, axis)
  const losses = where(equal(target, 1), sub(1, cosine), relu(sub(cosine, margin)))
  return reduce(op, losses, options) as Tensor<LossShape<R, Shape>>
}
