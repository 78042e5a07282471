import { mul, neg, softplus, type Tensor } from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, expectSigns, reduce, type WeightedLossOptions } from './loss.ts'

/**
 * The logistic loss of scores a and targets y that are 1 or −1, averaged over all elements: log(1 + e^(−y a)).
 * `∂/∂a = −y σ(−y a)`, divided by the number of elements. It is `binaryCrossEntropyWithLogits` with targets 1 and −1
 * in place of 1 and 0.
 *
 * `[...shape], [...shape] -> []`. No exponential overflows.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { softMargin } from '@adjoint/nn'
 * softMargin(tensor([0, -1000, 1000]), tensor([1, 1, 1]), { reduction: 'none' }).toArray() // => [0.6931, 1000, 0]
 * ```
 * @throws ShapeError when prediction and target differ in shape; DTypeError for boolean targets; ArgumentError for an
 * unknown reduction or setting.
 */
export const softMargin: ElementLoss = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions = {},
) => {
  expectOperands('softMargin', { prediction, target }, options)
  expectSigns('softMargin', target)
  return reduce('softMargin', softplus(neg(mul(target, prediction))), options)
}) as ElementLoss
