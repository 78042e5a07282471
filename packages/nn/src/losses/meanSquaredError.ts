import { square, sub, type Tensor } from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, reduce, type WeightedLossOptions } from './loss.ts'

/**
 * The squared error (a − y)², averaged over all elements. `∂/∂a = 2 (a − y)`, divided by the number of elements.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { meanSquaredError } from '@adjoint/nn'
 * meanSquaredError(tensor([[1], [5]]), tensor([[1], [2]])).item() // => 4.5
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting.
 */
export const meanSquaredError: ElementLoss = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions = {},
) => {
  expectOperands('meanSquaredError', { prediction, target }, options)
  return reduce('meanSquaredError', square(sub(prediction, target)), options)
}) as ElementLoss
