import { weigh } from '@adjoint/core/engine'
import { add, exp, greater, log, mul, sub, type Tensor, where, xlogy } from '@adjoint/core/functional'
import { type ElementLoss, expectOperands, expectSetting, reduce, type WeightedLossOptions } from './loss.ts'

/** What {@link poissonNegativeLogLikelihood} has besides the settings of every loss. */
export interface PoissonSettings {
  /** Whether the prediction is the logarithm of the rate. Default true. */
  readonly logInput?: boolean
  /** Whether Stirling's approximation of log y! is added, where y is above 1. Default false. */
  readonly full?: boolean
  /** Added to the rate before its logarithm is taken, without `logInput`. Default 1e-8. */
  readonly epsilon?: number
}

/**
 * The negative logarithm of the probability of counts y under Poisson distributions, averaged over all elements.
 *
 * - with x = log λ, the default: e^x − y x, `∂/∂x = e^x − y`;
 * - with x = λ, `logInput: false`: x − y log(x + ε), `∂/∂x = 1 − y/(x + ε)`;
 * - `full` adds y log y − y + ½ log(2π y) ≈ log y! where y > 1, which changes no gradient of x.
 *
 * `[...shape], [...shape] -> []`.
 *
 * @example
 * ```ts
 * import { tensor } from '@adjoint/core'
 * import { poissonNegativeLogLikelihood } from '@adjoint/nn'
 * poissonNegativeLogLikelihood(tensor([0, 1]), tensor([2, 0]), { reduction: 'none' }).toArray() // => [1, 2.7183]
 * ```
 * @throws ShapeError when prediction and target differ in shape; ArgumentError for an unknown reduction or setting.
 */
export const poissonNegativeLogLikelihood: ElementLoss<PoissonSettings> = ((
  prediction: Tensor,
  target: Tensor,
  options: WeightedLossOptions & PoissonSettings = {},
) => {
  const op = 'poissonNegativeLogLikelihood'
  expectOperands(op, { prediction, target }, options, ['logInput', 'full', 'epsilon'])
  const { logInput = true, full = false } = options
  const epsilon = expectSetting(op, 'epsilon', options.epsilon ?? 1e-8, 0, true)
  // weigh: a count of 0 says nothing about the logarithm, whatever it is.
  const losses = logInput
    ? sub(exp(prediction), weigh(target, prediction))
    : sub(prediction, weigh(target, log(add(prediction, epsilon))))
  return reduce(op, full ? add(losses, logFactorial(target)) : losses, options)
}) as ElementLoss<PoissonSettings>

/** Stirling's approximation of log y! = log(1 · 2 · ... · y); 0 for y up to 1. */
function logFactorial(y: Tensor): Tensor {
  const isLarge = greater(y, 1)
  const large = where(isLarge, y, 1)
  const stirling = add(sub(xlogy(large, large), large), mul(log(mul(large, 2 * Math.PI)), 0.5))
  return where(isLarge, stirling, 0)
}
