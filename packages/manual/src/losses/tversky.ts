import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/** Settings of {@link tversky}. */
export interface TverskySettings {
  readonly alpha?: number
  readonly beta?: number
  readonly smoothing?: number
}

/**
 * How little predictions a overlap with a region y. Over the units of an example, with T = Σ a y, F = Σ a (1 − y),
 * N = Σ (1 − a) y,
 *
 *     L = 1 − (T + s)/D,   D = T + α F + β N + s
 *
 * ∂T/∂a = y, ∂F/∂a = 1 − y, ∂N/∂a = −y, so ∂D/∂a = y + α (1 − y) − β y, and by the quotient rule
 *
 *     ∂L/∂a = −(y D − (T + s) ∂D/∂a)/D²
 *
 * For the targets ∂T/∂y = a, ∂F/∂y = −a, ∂N/∂y = 1 − a, so ∂D/∂y = a − α a + β (1 − a), and a takes the place of y in
 * front of D.
 */
export function tversky({ alpha = 0.5, beta = 0.5, smoothing = 1 }: TverskySettings = {}): Loss {
  const sums = (a: Float64Array, y: Float64Array): { T: number; D: number } => {
    let [T, F, N] = [0, 0, 0]
    for (let k = 0; k < a.length; k++) {
      T += a[k]! * y[k]!
      F += a[k]! * (1 - y[k]!)
      N += (1 - a[k]!) * y[k]!
    }
    return { T, D: T + alpha * F + beta * N + smoothing }
  }
  return {
    name: 'tversky',
    takes: 'activations',
    forward: inputs =>
      averageOverExamples('tversky.forward', inputs, (a, y) => {
        const { T, D } = sums(a, y)
        return 1 - (T + smoothing) / D
      }),
    backward: inputs =>
      derivativeOfExamples('tversky.backward', inputs, (a, y, da) => {
        const { T, D } = sums(a, y)
        for (let k = 0; k < a.length; k++) {
          const dD = y[k]! + alpha * (1 - y[k]!) - beta * y[k]!
          da[k] = -(y[k]! * D - (T + smoothing) * dD) / (D * D)
        }
      }),
    targetBackward: inputs =>
      derivativeOfExamples('tversky.targetBackward', inputs, (a, y, dy) => {
        const { T, D } = sums(a, y)
        for (let k = 0; k < a.length; k++) {
          const dD = a[k]! - alpha * a[k]! + beta * (1 - a[k]!)
          dy[k] = -(a[k]! * D - (T + smoothing) * dD) / (D * D)
        }
      }),
  }
}
