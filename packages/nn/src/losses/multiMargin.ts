import { expectOptions } from '@adjoint/core/engine'
import {
  ArgumentError,
  add,
  arange,
  equal,
  gather,
  mul,
  relu,
  reshape,
  type Shape,
  square,
  sub,
  sum,
  type Tensor,
  take,
  where,
} from '@adjoint/core/functional'
import { expectTensor, shown } from '../module/shown.ts'
import { classAxis, expectClasses, expectClassWeight } from './classes.ts'
import { expectSetting, type LossOptions, type LossShape, type Reduction, reduce } from './loss.ts'

/** Settings of {@link multiMargin}. */
export interface MultiMarginOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /** The power of every term, 1 or 2. Default 1. */
  readonly power?: 1 | 2
  /** How far ahead the target class must be. Default 1. */
  readonly margin?: number
  /** A factor for the examples of every class, `[classes]`. The mean divides by the number of examples all the same. */
  readonly weight?: Tensor
}

/**
 * The hinge loss of several classes, averaged over the examples: with the target class t of an example,
 *
 *     (1/classes) Σ_{k ≠ t} w_t max(0, margin − x_t + x_k)^p
 *
 * With h_k = p w_t max(0, margin − x_t + x_k)^(p−1) / classes where that is above 0, `∂/∂x_k = h_k` and `∂/∂x_t = −Σ h_k`.
 * Crammer and Singer, On the algorithmic implementation of multiclass kernel-based vector machines, 2001.
 *
 * rows: `[m, classes]` and int32 `[m]`; columns: `[classes, m]`; `'none'` gives `[m]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { multiMargin } from '@adjoint/nn'
 * multiMargin(tensor([[0.1, 0.2, 0.4, 0.8]]), tensor([3], { dtype: 'int32' })).item() // => 0.325
 * ```
 * @throws ShapeError or DTypeError when the targets do not fit; ArgumentError for a class that does not exist, a power other
 * than 1 and 2, an unknown reduction, layout or setting.
 */
export function multiMargin<R extends Reduction = 'mean'>(
  scores: Tensor,
  target: Tensor,
  options: MultiMarginOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'multiMargin'
  expectOptions(op, options, ['reduction', 'layout', 'power', 'margin', 'weight'])
  expectTensor(op, 'scores', scores)
  expectTensor(op, 'target', target)
  const { power = 1, weight, reduction = 'mean' } = options
  const margin = expectSetting(op, 'margin', options.margin ?? 1, -Infinity)
  if (power !== 1 && power !== 2) throw new ArgumentError(op, `power must be 1 or 2, got ${shown(power)}.`)
  const axis = classAxis(op, scores, options)
  const classes = scores.shape[axis]!
  const picks = expectClasses(op, scores, target, axis)
  const terms = relu(add(sub(scores, gather(scores, axis, picks)), margin))
  const places = scores.shape.map((_, k) => (k === axis ? classes : 1))
  const isTarget = equal(picks, reshape(arange(0, classes, 1, { dtype: 'int32' }), places))
  const others = where(isTarget, 0, power === 2 ? square(terms) : terms)
  const each = mul(sum(others, axis), 1 / classes)
  const factor = weight && reshape(take(expectClassWeight(op, weight, classes), picks), target.shape)
  const losses = factor === undefined ? each : mul(factor, each)
  return reduce(op, losses, { reduction }) as Tensor<LossShape<R, Shape>>
}
