import {
  abs,
  add,
  clip,
  less,
  log1p,
  mul,
  sinh,
  softplus,
  square,
  sub,
  type Tensor,
  where,
} from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, reduce, type WeightedLossOptions } from './loss.ts'

/**
 * The logarithm of the hyperbolic cosine of the error, averaged over all elements: with r = a − y it is log cosh r, nearly
 * ½ r² for small errors and |r| − log 2 for large ones. `∂/∂a = tanh r`, divided by the number of elements.
 *
 * `[...shape], [...shape] -> []`. It keeps its digits for small errors, log(1 + 2 sinh²(r/2)), and nothing overflows for
 * large ones, |r| + log(1 + e^(−2|r|)) − log 2.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { logCosh } from '@adjoint/nn'
 * logCosh(tensor([1, 1000]), tensor([2, 0]), { reduction: 'none' }).toArray() // => [0.4338, 999.3068]
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting.
 */
export const logCosh: ElementLoss = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions = {},
) => {
  expectOperands('logCosh', { prediction, target }, options)
  const r = sub(prediction, target)
  const size = abs(r)
  const half = mul(clip(r, { low: -1, high: 1 }), 0.5)
  const small = log1p(mul(square(sinh(half)), 2))
  const large = sub(add(size, softplus(mul(size, -2))), Math.LN2)
  return reduce('logCosh', where(less(size, 1), small, large), options)
}) as ElementLoss
