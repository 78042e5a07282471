import { weigh } from '@adjoint/core/engine'
import { add, mean, neg, reshape, type Shape, softplus, sub, type Tensor } from '@adjoint/core/functional'
import { classAxis, expectClassWeight } from './classes.ts'
import { expectOperands, type LossOptions, type LossShape, type Reduction, reduce } from './loss.ts'

/** Settings of {@link multiLabelSoftMargin}. */
export interface MultiLabelSoftMarginOptions<R extends Reduction = Reduction> extends LossOptions<R> {
  /** A factor for every class, `[classes]`. The mean divides by the number of classes all the same. */
  readonly weight?: Tensor
}

/**
 * The binary cross entropy of every class by itself, for examples that have several labels, averaged over the classes and
 * over the examples: with logits z and targets y in 0 to 1,
 *
 *     (1/classes) Σ_k w_k (y_k softplus(−z_k) + (1 − y_k) softplus(z_k))
 *
 * `∂/∂z_k = w_k (σ(z_k) − y_k) / classes`, divided by the number of examples.
 *
 * rows: `[m, classes], [m, classes] -> []`; columns: `[classes, m]`; `'none'` gives `[m]`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { multiLabelSoftMargin } from '@adjoint/nn'
 * multiLabelSoftMargin(tensor([[0, 1000]]), tensor([[1, 0]])).item() // => 500.3466
 * ```
 * @throws ShapeError when logits and target differ in shape; ArgumentError for an unknown reduction, layout or setting.
 */
export function multiLabelSoftMargin<R extends Reduction = 'mean'>(
  logits: Tensor,
  target: Tensor,
  options: MultiLabelSoftMarginOptions<R> = {},
): Tensor<LossShape<R, Shape>> {
  const op = 'multiLabelSoftMargin'
  expectOperands(op, { prediction: logits, target }, options)
  const { weight, reduction = 'mean' } = options
  const axis = classAxis(op, logits, options)
  const losses = add(weigh(target, softplus(neg(logits))), weigh(sub(1, target), softplus(logits)))
  const shape = logits.shape.map((size, k) => (k === axis ? size : 1))
  const weighted =
    weight === undefined
      ? losses
      : weigh(reshape(expectClassWeight(op, weight, logits.shape[axis]!), shape), losses)
  return reduce(op, mean(weighted, axis), { reduction }) as Tensor<LossShape<R, Shape>>
}
