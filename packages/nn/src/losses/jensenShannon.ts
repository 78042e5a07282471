import { weigh } from '@adjoint/core/engine'
import {
  add,
  div,
  equal,
  log1p,
  mul,
  neg,
  type Shape,
  sub,
  sum,
  type Tensor,
  where,
} from '@adjoint/core/functional'
import { classAxis } from './classes.ts'
import {
  expectOperands,
  type LossShape,
  type Reduction,
  reduce,
  type TargetLike,
  type WeightedLossOptions,
} from './loss.ts'

/** Settings of {@link jensenShannon}. */
export interface JensenShannonOptions<R extends Reduction = Reduction> extends WeightedLossOptions<R> {
  /** The axis of the classes. Default: the last in rows, the one before it in columns. */
  readonly axis?: number
}

/**
 * The Jensen-Shannon divergence of distributions a and y, the mean of their Kullback-Leibler divergences from the
 * distribution m = ½ (a + y) between them, summed over the classes and averaged over the examples:
 *
 *     ½ Σ a log(a/m) + ½ Σ y log(y/m) = ½ Σ a log(1 + r) + ½ Σ y log(1 − r),   r = (a − y)/(a + y)
 *
 * From 0, for equal ones, to log 2. `∂/∂a = ½ log(1 + r)`, `∂/∂y = ½ log(1 − r)`: −∞ at a = 0 beside y > 0.
 * Lin, Divergence measures based on the Shannon entropy, 1991.
 *
 * `[m, classes], [m, classes] -> []`; `'none'` gives `[m]`. A class that both exclude counts 0 and gets gradient 0.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { jensenShannon } from '@adjoint/nn'
 * jensenShannon(tensor([[1, 0], [0.5, 0.5]]), tensor([[0, 1], [0.5, 0.5]]), { reduction: 'none' }).toArray() // => [0.6931, 0]
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction, layout or setting.
 */
export function jensenShannon<P extends Shape, T extends Shape, R extends Reduction = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options: JensenShannonOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'jensenShannon'
  const [a, y] = [prediction as Tensor, target as Tensor]
  expectOperands(op, { prediction: a, target: y }, options, ['axis'])
  const axis = classAxis(op, a, options)
  const total = add(a, y)
  const r = div(sub(a, y), where(equal(total, 0), 1, total))
  // weigh is the product in which 0 times anything is 0, log 0 too.
  const terms = add(weigh(a, log1p(r)), weigh(y, log1p(neg(r))))
  return reduce(op, mul(sum(terms, axis), 0.5), options) as Tensor<LossShape<R, Shape>>
}
