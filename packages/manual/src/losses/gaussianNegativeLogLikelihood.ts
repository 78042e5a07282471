import { type NumericArray, zerosOf } from '../array.ts'
import type { ExampleLoss } from './loss.ts'

/** What {@link gaussianNegativeLogLikelihood} takes: means, targets and variances in one shape. */
export interface GaussianInputs {
  readonly a: NumericArray
  readonly y: NumericArray
  readonly variance: NumericArray
  /** Whether ½ log 2π is added. */
  readonly full?: boolean
  /** The least variance that is reckoned with. Default 1e-6. */
  readonly epsilon?: number
}

/** Derivatives with respect to the inputs. */
export interface GaussianGradients {
  readonly da: NumericArray
  readonly dy: NumericArray
  readonly dvariance: NumericArray
}

/**
 * The negative logarithm of the Gaussian density of every element. The density e^(−(y − a)²/(2v)) / √(2π v) has
 *
 *     ℓ = ½ (log v + (a − y)²/v)  (+ ½ log 2π)
 *     ∂ℓ/∂a = (a − y)/v = −∂ℓ/∂y
 *     ∂ℓ/∂v = ½ (1/v − (a − y)²/v²)
 *
 * with v = max(variance, ε). Where ε takes the place of the variance, ∂ℓ/∂v at ε is passed on as it is, so that the
 * variance can grow again; the slope of the maximum would be 0.
 */
export const gaussianNegativeLogLikelihood: ExampleLoss<GaussianInputs, GaussianGradients> = {
  name: 'gaussianNegativeLogLikelihood',
  forward: ({ a, y, variance, full = false, epsilon = 1e-6 }) => {
    const losses = zerosOf(a.shape, [a, y, variance])
    for (let k = 0; k < a.data.length; k++) {
      const [r, v] = [a.data[k]! - y.data[k]!, Math.max(variance.data[k]!, epsilon)]
      losses.data[k] = 0.5 * (Math.log(v) + (r * r) / v) + (full ? 0.5 * Math.log(2 * Math.PI) : 0)
    }
    return losses
  },
  backward: ({ a, y, variance, epsilon = 1e-6, dlosses }) => {
    const inputs = [a, y, variance, dlosses]
    const [da, dy, dvariance] = [zerosOf(a.shape, inputs), zerosOf(a.shape, inputs), zerosOf(a.shape, inputs)]
    for (let k = 0; k < a.data.length; k++) {
      const [r, v] = [a.data[k]! - y.data[k]!, Math.max(variance.data[k]!, epsilon)]
      const c = dlosses.data[k]!
      da.data[k] = (c * r) / v
      dy.data[k] = (-c * r) / v
      dvariance.data[k] = 0.5 * c * (1 / v - (r * r) / (v * v))
    }
    return { da, dy, dvariance }
  },
}
