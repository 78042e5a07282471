import { type Loss, lossOfElements } from './loss.ts'

/**
 * The Huber loss, a parabola that goes on as a straight line beyond ±δ (by default 1), averaged over the n outputs of an
 * example. With r_k = a_k − y_k,
 *
 *     L = (1/n) Σ_k { ½ r_k²  where |r_k| ≤ δ,  δ (|r_k| − ½ δ)  elsewhere }
 *     ∂L/∂a_k = (1/n) { r_k  where |r_k| ≤ δ,  δ sign(r_k)  elsewhere }
 *
 * Both pieces have the value ½ δ² and the slope δ where they meet: the derivative is r_k held between −δ and δ.
 */
export function huber(delta: number = 1): Loss {
  if (!(delta > 0)) throw new RangeError(`huber: delta is ${delta}; it must be greater than 0.`)
  const slope = (a: number, y: number): number => Math.max(-delta, Math.min(delta, a - y))
  return lossOfElements({
    name: 'huber',
    takes: 'activations',
    value: (a, y) => {
      const r = Math.abs(a - y)
      return r <= delta ? 0.5 * r * r : delta * (r - 0.5 * delta)
    },
    slope,
    targetSlope: (a, y) => -slope(a, y),
  })
}
