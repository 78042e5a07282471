import { mul, relu, type Shape, sub, type Tensor } from '@adjoint/core/functional'
import {
  expectOperands,
  expectSetting,
  expectSigns,
  type LossShape,
  type Reduction,
  reduce,
  type WeightedLossOptions,
} from './loss.ts'

/** Settings of {@link marginRanking}. */
export interface MarginRankingOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** How far ahead the better one must be. Default 0. */
  readonly margin?: number
}

/**
 * For scores of pairs, and targets y that are 1 where the first should rank higher and −1 where the second should,
 * averaged over the pairs: max(0, margin − y (a − b)). `∂/∂a = −y` and `∂/∂b = y` where the order is not clear enough, 0
 * elsewhere; divided by the number of pairs.
 *
 * Three of `[...shape] -> []`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { marginRanking } from '@adjoint/nn'
 * const [a, b, y] = [tensor([3, 1]), tensor([1, 2]), tensor([1, 1])]
 * marginRanking(a, b, y, { margin: 0.5, reduction: 'none' }).toArray() // => [0, 1.5]
 * ```
 * @throws ShapeError when the shapes differ; DTypeError for boolean targets; ArgumentError for an unknown reduction or
 * setting.
 */
export function marginRanking<S extends Shape, R extends Reduction = 'mean'>(
  first: Tensor<S>,
  second: Tensor<NoInfer<S>>,
  target: Tensor<NoInfer<S>>,
  options: MarginRankingOptions<R> = {},
): Tensor<LossShape<R, S>> {
  const op = 'marginRanking'
  const [a, b, y]: Tensor[] = [first as Tensor, second as Tensor, target as Tensor]
  expectOperands(op, { first: a!, second: b!, target: y! }, options, ['margin'])
  expectSigns(op, y!)
  const margin = expectSetting(op, 'margin', options.margin ?? 0, -Infinity)
  return reduce(op, relu(sub(margin, mul(y!, sub(a!, b!)))), options) as Tensor<LossShape<R, S>>
}
