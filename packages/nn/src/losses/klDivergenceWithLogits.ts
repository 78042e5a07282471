import type { Shape } from '@adjoint/core/functional'
import { logSoftmax, sum, type Tensor } from '@adjoint/core/functional'
import { classAxis } from './classes.ts'
import { relativeEntropy } from './klDivergence.ts'
import { expectOperands, type LossShape, type Reduction, reduce, type WeightedLossOptions } from './loss.ts'

/** Settings of {@link klDivergenceWithLogits}. */
export interface KlDivergenceWithLogitsOptions<R extends Reduction = Reduction>
  extends WeightedLossOptions<R> {
  /** The axis of the classes. Default: the last in rows, the one before it in columns. */
  readonly axis?: number
}

/**
 * The Kullback-Leibler divergence of softmax(y) from softmax(z), written with the logits of both, summed over the classes
 * and averaged over the examples: Σ_k q_k (log q_k − log p_k) with p = softmax(z), q = softmax(y). `∂/∂z = p − q`,
 * `∂/∂y_k = q_k (log q_k − log p_k − KL)`, divided by the number of examples. This is what a student learns from a teacher:
 * Hinton, Vinyals, Dean, Distilling the knowledge in a neural network, 2015.
 *
 * `[m, classes], [m, classes] -> []`; `'none'` gives `[m]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { klDivergenceWithLogits } from '@adjoint/nn'
 * klDivergenceWithLogits(tensor([[0, 1000], [3, 3]]), tensor([[1000, 0], [5, 5]]), { reduction: 'none' }).toArray() // => [1000, 0]
 * ```
 * @throws ShapeError when both differ in shape; ArgumentError for an unknown reduction, layout or setting.
 */
export function klDivergenceWithLogits<R extends Reduction = 'mean'>(
  logits: Tensor,
  targetLogits: Tensor,
  options: KlDivergenceWithLogitsOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'klDivergenceWithLogits'
  expectOperands(op, { prediction: logits, target: targetLogits }, options, ['axis'])
  const axis = classAxis(op, logits, options)
  const terms = relativeEntropy(logSoftmax(targetLogits, axis), logSoftmax(logits, axis))
  return reduce(op, sum(terms, axis), options) as Tensor<LossShape<R, Shape>>
}
