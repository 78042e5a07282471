import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/**
 * How little predictions a overlap with a region y. Over the units of an example,
 *
 *     L = 1 − (2 Σ a y + s)/D,   D = Σ a + Σ y + s
 *
 * With ∂D/∂a = 1 the quotient rule gives
 *
 *     ∂L/∂a_k = −(2 y_k D − (2 Σ a y + s))/D²      ∂L/∂y_k = −(2 a_k D − (2 Σ a y + s))/D²
 */
export function dice(smoothing: number = 1): Loss {
  const sums = (a: Float64Array, y: Float64Array): { top: number; D: number } => {
    let [top, D] = [smoothing, smoothing]
    for (let k = 0; k < a.length; k++) {
      top += 2 * a[k]! * y[k]!
      D += a[k]! + y[k]!
    }
    return { top, D }
  }
  return {
    name: 'dice',
    takes: 'activations',
    forward: inputs =>
      averageOverExamples('dice.forward', inputs, (a, y) => {
        const { top, D } = sums(a, y)
        return 1 - top / D
      }),
    backward: inputs =>
      derivativeOfExamples('dice.backward', inputs, (a, y, da) => {
        const { top, D } = sums(a, y)
        for (let k = 0; k < a.length; k++) da[k] = -(2 * y[k]! * D - top) / (D * D)
      }),
    targetBackward: inputs =>
      derivativeOfExamples('dice.targetBackward', inputs, (a, y, dy) => {
        const { top, D } = sums(a, y)
        for (let k = 0; k < a.length; k++) dy[k] = -(2 * a[k]! * D - top) / (D * D)
      }),
  }
}
