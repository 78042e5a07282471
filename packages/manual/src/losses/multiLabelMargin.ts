import { averageOverExamples, derivativeOfExamples, type Loss } from './loss.ts'

/**
 * The hinge loss of examples with several labels among n classes; y counts how often a class is a label:
 *
 *     L = (1/n) Σ_{t: y_t > 0} y_t Σ_{k: y_k = 0} max(0, 1 − x_t + x_k)
 *
 * Every pair (t, k) with 1 − x_t + x_k > 0 adds y_t/n to ∂L/∂x_k and takes it from ∂L/∂x_t.
 */
export const multiLabelMargin: Loss = {
  name: 'multiLabelMargin',
  takes: 'logits',
  forward: inputs =>
    averageOverExamples('multiLabelMargin.forward', inputs, (x, y) => {
      let sum = 0
      forEachPair(x, y, (t, _k, h) => {
        sum += y[t]! * h
      })
      return sum / x.length
    }),
  backward: inputs =>
    derivativeOfExamples('multiLabelMargin.backward', inputs, (x, y, dx) => {
      dx.fill(0)
      forEachPair(x, y, (t, k) => {
        dx[k] = dx[k]! + y[t]! / x.length
        dx[t] = dx[t]! - y[t]! / x.length
      })
    }),
}

/** Calls `visit` for the pairs of a label t and a class k that is none, where k is not behind by 1. */
function forEachPair(
  x: Float64Array,
  y: Float64Array,
  visit: (t: number, k: number, h: number) => void,
): void {
  for (let t = 0; t < x.length; t++) {
    for (let k = 0; k < x.length; k++) {
      const h = 1 - x[t]! + x[k]!
      if (y[t]! > 0 && y[k] === 0 && h > 0) visit(t, k, h)
    }
  }
}
