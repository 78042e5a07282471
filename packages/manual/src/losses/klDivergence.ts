import { type Loss, lossOfElements, timesLog } from './loss.ts'

/**
 * The terms of the Kullback-Leibler divergence of y from the distribution with logarithms x, averaged over the n entries of
 * an example:
 *
 *     ℓ = y (log y − x)
 *     ∂ℓ/∂x = −y      ∂ℓ/∂y = log y − x + y · 1/y = log y − x + 1
 *
 * and with targets t = log y that are logarithms too,
 *
 *     ℓ = eᵗ (t − x)
 *     ∂ℓ/∂x = −eᵗ      ∂ℓ/∂t = eᵗ (t − x) + eᵗ
 *
 * A term with y = 0 is 0: the limit of y log y.
 */
export function klDivergence(logTarget: boolean = false): Loss {
  if (logTarget) {
    return lossOfElements({
      name: 'klDivergence',
      takes: 'activations',
      value: (x, t) => (t === -Infinity ? 0 : Math.exp(t) * (t - x)),
      slope: (_x, t) => -Math.exp(t),
      targetSlope: (x, t) => (t === -Infinity ? 0 : Math.exp(t) * (t - x + 1)),
    })
  }
  return lossOfElements({
    name: 'klDivergence',
    takes: 'activations',
    value: (x, y) => timesLog(y, Math.log(y)) - timesLog(y, x),
    slope: (_x, y) => -y,
    targetSlope: (x, y) => (y === 0 ? 0 : Math.log(y) - x + 1),
  })
}
