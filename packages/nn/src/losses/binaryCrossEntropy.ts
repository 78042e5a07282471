import { weigh } from '@adjoint/core/engine'
import { add, clip, log, log1p, neg, sub, type Tensor } from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, reduce, type WeightedLossOptions } from './loss.ts'

/** What {@link binaryCrossEntropy} has besides the settings of every loss. */
export interface BinaryCrossEntropySettings {
  /**
   * The least that a logarithm counts: -100 makes confident mistakes cost 100, as in PyTorch, and gives them no gradient.
   * Default: no least, they cost Infinity.
   */
  readonly lowestLog?: number
}

/**
 * The lecture's loss for binary classification, −y log a − (1 − y) log(1 − a) on probabilities a, averaged over all
 * elements. `∂/∂a = (1 − y)/(1 − a) − y/a`, divided by the number of elements. Lecture: backprop for binary classification.
 *
 * A term whose factor y or 1 − y is 0 counts 0, also beside log 0, and so does its gradient: the loss of a = y = 1 is 0.
 *
 * Of logits it is NaN: where a is below 0 and y is 1, or a above 1 and y is 0; elsewhere it may be below 0. It takes
 * probabilities, as `sigmoid` gives them. For logits there is `binaryCrossEntropyWithLogits`.
 *
 * **The trap.** It is computed as it is written. From z = 37 in float64 (17 in float32) on, a sigmoid gives exactly 1: a
 * confident mistake then costs Infinity, and its gradient is Infinity times the 0 of σ'(z), NaN.
 * `binaryCrossEntropyWithLogits` takes z itself and has no such place; train with that one.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { binaryCrossEntropy } from '@adjoint/nn'
 * binaryCrossEntropy(tensor([0.5, 1]), tensor([1, 1])).item() // => 0.3466
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting.
 */
export const binaryCrossEntropy: ElementLoss<BinaryCrossEntropySettings> = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions & BinaryCrossEntropySettings = {},
) => {
  expectOperands('binaryCrossEntropy', { prediction, target }, options, ['lowestLog'])
  const { lowestLog: low } = options
  const bounded = (logarithm: Tensor): Tensor => (low === undefined ? logarithm : clip(logarithm, { low }))
  // log1p(−a) is log(1 − a) without rounding 1 − a first; weigh is the product in which 0 times anything is 0.
  const likelihood = add(
    weigh(target, bounded(log(prediction))),
    weigh(sub(1, target), bounded(log1p(neg(prediction)))),
  )
  return reduce('binaryCrossEntropy', likelihood, options, -1)
}) as ElementLoss<BinaryCrossEntropySettings>
