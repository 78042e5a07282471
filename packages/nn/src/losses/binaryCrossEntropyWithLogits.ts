import { weigh } from '@adjoint/core/engine'
import { add, mul, neg, softplus, sub, type Tensor } from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, reduce, type WeightedLossOptions } from './loss.ts'

/** What {@link binaryCrossEntropyWithLogits} has besides the settings of every loss. */
export interface BinaryCrossEntropyWithLogitsSettings {
  /** A factor p for positive examples, one number for all or broadcast: −p y log a takes the place of −y log a. */
  readonly positiveWeight?: Tensor
}

/**
 * The binary cross entropy of a = σ(z), written with the logit z, averaged over all elements:
 *
 *     −y log a − (1 − y) log(1 − a) = log(1 + e^z) − z y = softplus(z) − z y
 *
 * and with a factor p for positive examples, −p y log a − (1 − y) log(1 − a) = p y softplus(−z) + (1 − y) softplus(z).
 *
 * No exponential overflows and no logarithm sees 0, for any z; one that is masked with −Infinity costs 0 beside y = 0.
 * `∂/∂z = σ(z) − y`, divided by the number of elements: the lecture's dz = a − y. The value is exact to a rounding of z, so a
 * loss far below that rounding reads 0.
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
 * @throws ShapeError when logits and target differ in shape; ArgumentError for an unknown reduction or setting.
 */
export const binaryCrossEntropyWithLogits: ElementLoss<BinaryCrossEntropyWithLogitsSettings> = ((
  logits: Tensor,
  target: Tensor,
  options: WeightedLossOptions & BinaryCrossEntropyWithLogitsSettings = {},
) => {
  const op = 'binaryCrossEntropyWithLogits'
  expectOperands(op, { prediction: logits, target }, options, ['positiveWeight'])
  const { positiveWeight: p } = options
  const losses =
    p === undefined
      ? sub(softplus(logits), weigh(target, logits))
      : add(weigh(mul(target, p), softplus(neg(logits))), weigh(sub(1, target), softplus(logits)))
  return reduce(op, losses, options)
}) as ElementLoss<BinaryCrossEntropyWithLogitsSettings>
