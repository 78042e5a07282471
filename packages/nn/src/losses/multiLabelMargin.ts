import { wrapIndices } from '@adjoint/core/engine'
import {
  add,
  any,
  arange,
  cast,
  cumsum,
  DTypeError,
  equal,
  gather,
  less,
  logicalAnd,
  logicalNot,
  mul,
  relu,
  type Shape,
  sub,
  sum,
  swapAxes,
  type Tensor,
  unsqueeze,
  where,
} from '@adjoint/core/functional'
import { classAxis } from './classes.ts'
import { expectOperands, type LossShape, type Reduction, reduce, type WeightedLossOptions } from './loss.ts'

/**
 * The hinge loss of examples that have several labels, averaged over the examples: every label must be ahead of every
 * class that is none by 1,
 *
 *     (1/classes) Σ_{t label} Σ_{k no label} max(0, 1 − x_t + x_k)
 *
 * `∂/∂x_k` is the number of pairs above 0 that k lags in less the number it leads in, over the number of classes.
 *
 * rows: scores `[m, classes]` and int32 targets `[m, classes]`, the labels of an example from the left up to the first
 * negative number; columns: both `[classes, m]`; `'none'` gives `[m]`. Takes memory of classes² numbers for every example.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { multiLabelMargin } from '@adjoint/nn'
 * const labels = tensor([[3, 0, -1, 1]], { dtype: 'int32' })
 * multiLabelMargin(tensor([[0.1, 0.2, 0.4, 0.8]]), labels).item() // => 0.85
 * ```
 * @throws ShapeError when scores and target differ in shape; DTypeError for targets that are not int32; ArgumentError for a
 * class that does not exist, an unknown reduction, layout or setting.
 */
export function multiLabelMargin<R extends Reduction = 'mean'>(
  scores: Tensor,
  target: Tensor,
  options: WeightedLossOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'multiLabelMargin'
  expectOperands(op, { scores, target }, options)
  if (target.dtype !== 'int32') {
    throw new DTypeError(
      op,
      `targets are lists of int32 class indices, got ${target.dtype}; make them with { dtype: 'int32' }.`,
      [target.dtype],
    )
  }
  const axis = classAxis(op, scores, options)
  const last = scores.rank - 1
  const [x, listed] =
    axis === last ? [scores, target] : [swapAxes(scores, axis, last), swapAxes(target, axis, last)]
  const classes = x.shape[last]!
  // What comes after a negative number is not looked at.
  const isLabel = equal(cumsum(cast(less(listed, 0), 'int32'), -1), 0)
  const labels = wrapIndices(where(isLabel, listed, 0), {
    size: classes,
    caller: op,
    called: 'target',
    of: 'the classes',
    wrap: false,
  })
  const list = unsqueeze(isLabel, -1) as Tensor
  const names = equal(unsqueeze(labels, -1) as Tensor, arange(0, classes, 1, { dtype: 'int32' }))
  const isAny = any(logicalAnd(names, list), -2, { keepDims: true })
  // [..., label, class]
  const lags = relu(add(sub(unsqueeze(x, -2) as Tensor, unsqueeze(gather(x, -1, labels), -1) as Tensor), 1))
  const counted = where(logicalAnd(list, logicalNot(isAny)), lags, 0)
  return reduce(op, mul(sum(counted, [-2, -1]), 1 / classes), options) as Tensor<LossShape<R, Shape>>
}
