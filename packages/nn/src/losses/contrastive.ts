import {
  add,
  cast,
  mul,
  norm,
  relu,
  type Shape,
  square,
  sub,
  sum,
  type Tensor,
} from '@adjoint/core/functional'
import {
  axisOfUnits,
  expectOnePerExample,
  expectOperands,
  expectSetting,
  type LossShape,
  type Reduction,
  reduce,
  type WeightedLossOptions,
  withoutAxis,
} from './loss.ts'

/** Settings of {@link contrastive}. */
export interface ContrastiveOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** The distance from which on dissimilar pairs cost nothing. Default 1. */
  readonly margin?: number
}

/**
 * For pairs of vectors at a Euclidean distance d, and targets y that are 1 (true) for similar and 0 (false) for dissimilar
 * ones, averaged over the pairs: ½ y d² + ½ (1 − y) max(0, margin − d)². With r = a − b, `∂/∂a = y r` and
 * `−(1 − y) max(0, margin − d) r/d`, and the opposite for b; divided by the number of pairs. Vectors that coincide and
 * should not get gradient 0, as the norm has it there.
 *
 * `[m, n], [m, n], [m] -> []`; in columns `[n, m]`; `'none'` gives `[m]`. Hadsell, Chopra, LeCun, Dimensionality reduction by
 * learning an invariant mapping, 2006; there 1 is dissimilar.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { contrastive } from '@adjoint/nn'
 * const [a, b] = [tensor([[0, 0], [0, 0]]), tensor([[3, 4], [3, 4]])]
 * contrastive(a, b, tensor([true, false]), { margin: 6, reduction: 'none' }).toArray() // => [12.5, 0.5]
 * ```
 * @throws ShapeError when the shapes do not fit; ArgumentError for an unknown reduction, layout or setting.
 */
export function contrastive<S extends Shape, R extends Reduction = 'mean'>(
  first: Tensor<S>,
  second: Tensor<NoInfer<S>>,
  target: Tensor,
  options: ContrastiveOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'contrastive'
  const [a, b] = [first as Tensor, second as Tensor]
  expectOperands(op, { first: a, second: b }, options, ['margin'])
  const axis = axisOfUnits(op, 'the first is', a, options)
  expectOnePerExample(op, 'target', target, withoutAxis(a, axis))
  const margin = expectSetting(op, 'margin', options.margin ?? 1, 0)
  const apart = sub(a, b)
  const y = target.dtype === 'bool' ? cast(target, apart.dtype) : target
  const together = mul(y, sum(square(apart), axis))
  const separate = mul(sub(1, y), square(relu(sub(margin, norm(apart, axis)))))
  return reduce(op, mul(add(together, separate), 0.5), options) as Tensor<LossShape<R, Shape>>
}
