import { weigh } from '@adjoint/core/engine'
import { div, equal, exp, type Shape, sub, type Tensor, where, xlogy } from '@adjoint/core/functional'
import { unitsAxis } from '../module/layout.ts'
import { expectOperands, type Reduction, reduce, type TargetLike, type WeightedLossOptions } from './loss.ts'

/** Settings of {@link klDivergence}. */
export interface KlDivergenceOptions<R extends Reduction | 'batchMean' = Reduction | 'batchMean'>
  extends Omit<WeightedLossOptions, 'reduction'> {
  /**
   * `'batchMean'` divides the sum by the number of examples: this is the mean of the divergences. `'mean'`, the default as
   * in PyTorch, divides by the number of all elements.
   */
  readonly reduction?: R
  /** Whether the target holds logarithms of probabilities, too. Default false. */
  readonly logTarget?: boolean
}

/**
 * The terms of the Kullback-Leibler divergence of distributions y from distributions whose logarithms are x:
 * y (log y − x), `∂/∂x = −y`. Kullback and Leibler, On information and sufficiency, 1951.
 *
 * `[...shape], [...shape] -> []`: the prediction holds log-probabilities, the target probabilities, or log-probabilities
 * with `logTarget`. The terms of an example sum to its divergence: `'sum'` or `'batchMean'` are what the formula means.
 * A term with y = 0 is 0, also beside log 0.
 *
 * @example
 * ```ts
 * import { log, tensor } from '@adjoint/core'
 * import { klDivergence } from '@adjoint/nn'
 * klDivergence(log(tensor([[0.5, 0.5]])), tensor([[1, 0]]), { reduction: 'batchMean' }).item() // => 0.6931
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting.
 */
export function klDivergence<P extends Shape, T extends Shape, R extends Reduction | 'batchMean' = 'mean'>(
  prediction: Tensor<P>,
  target: TargetLike<P, T>,
  options: KlDivergenceOptions<R> = {},
): Tensor<R extends 'none' ? P : []> {
  const op = 'klDivergence'
  const [x, y]: Tensor[] = [prediction as Tensor, target as Tensor]
  expectOperands(op, { prediction: x!, target: y! }, options as WeightedLossOptions, ['logTarget'])
  const { reduction = 'mean', layout = 'rows', logTarget = false } = options
  const terms = logTarget ? relativeEntropy(y!, x!) : sub(xlogy(y!, y!), weigh(y!, x!))
  if (reduction !== 'batchMean') return reduce(op, terms, { ...options, reduction }) as never
  // The axis of the examples is the other one: the first in rows, the last in columns.
  const examples = x!.shape.at(unitsAxis(op, layout) === -1 ? 0 : -1) ?? 1
  return div(reduce(op, terms, { ...options, reduction: 'sum' }), examples) as never
}

/** e^y (y − x) for logarithms y and x of probabilities; 0 where y is the logarithm of 0. */
export function relativeEntropy(y: Tensor, x: Tensor): Tensor {
  const isNothing = equal(y, Number.NEGATIVE_INFINITY)
  const finite = where(isNothing, 0, y)
  return where(isNothing, 0, weigh(exp(finite), sub(finite, x)))
}
