import { mul, softplus, sub, type Tensor } from '@adjoint/core/functional'
import { type ElementLoss, expectSameShape, type LossOptions, reduce } from './loss.ts'

/**
 * The binary cross entropy of a = σ(z), written with the logit z, averaged over all elements:
 *
 *     −y log a − (1 − y) log(1 − a) = log(1 + e^z) − z y = softplus(z) − z y
 *
 * No exponential overflows and no logarithm sees 0, for any z. `∂/∂z = σ(z) − y`, divided by the number of elements: the
 * lecture's dz = a − y. The value is exact to a rounding of z, so a loss far below that rounding reads 0.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { binaryCrossEntropyWithLogits } from '@adjoint/nn'
 * const z = tensor([[0], [1000]], { requiresGrad: true })
 * const loss = binaryCrossEntropyWithLogits(z, tensor([[1], [0]]), { reduction: 'sum' })
 * loss.item() // => 1000.6932
 * loss.backward()
 * z.grad?.toArray() // => [[-0.5], [1]]
 * ```
 * @throws ShapeError when logits and target differ in shape; ArgumentError for an unknown reduction.
 */
export const binaryCrossEntropyWithLogits: ElementLoss = ((
  logits: Tensor,
  target: Tensor,
  options: LossOptions = {},
) => {
  expectSameShape('binaryCrossEntropyWithLogits', logits, target)
  return reduce('binaryCrossEntropyWithLogits', sub(softplus(logits), mul(logits, target)), options)
}) as ElementLoss
