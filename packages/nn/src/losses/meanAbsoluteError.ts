import { abs, sub, type Tensor } from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, reduce, type WeightedLossOptions } from './loss.ts'

/**
 * The absolute error |a − y|, averaged over all elements. `∂/∂a = sign(a − y)`, divided by the number of elements; 0 at
 * a = y, the subgradient of least norm.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { meanAbsoluteError } from '@adjoint/nn'
 * meanAbsoluteError(tensor([[1], [5]]), tensor([[1], [2]])).item() // => 1.5
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting.
 */
export const meanAbsoluteError: ElementLoss = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions = {},
) => {
  expectOperands('meanAbsoluteError', { prediction, target }, options)
  return reduce('meanAbsoluteError', abs(sub(prediction, target)), options)
}) as ElementLoss
