import { type Loss, lossOfElements } from './loss.ts'

/**
 * The smooth absolute error, a parabola within ±β and a line of slope 1 beyond, averaged over the n outputs of an example.
 * With r = a − y,
 *
 *     ℓ = r²/(2β)  where |r| < β,   |r| − ½ β  elsewhere
 *     ∂ℓ/∂a = r/β  where |r| < β,   sign(r)  elsewhere,   ∂ℓ/∂y = −∂ℓ/∂a
 *
 * Both pieces have the value ½ β and the slope 1 where they meet. With β = 0 only the line is left.
 */
export function smoothL1(beta: number = 1): Loss {
  if (!(beta >= 0)) throw new RangeError(`smoothL1: beta is ${beta}; it must be at least 0.`)
  const slope = (a: number, y: number): number => (Math.abs(a - y) < beta ? (a - y) / beta : Math.sign(a - y))
  return lossOfElements({
    name: 'smoothL1',
    takes: 'activations',
    value: (a, y) => {
      const r = Math.abs(a - y)
      return r < beta ? (r * r) / (2 * beta) : r - 0.5 * beta
    },
    slope,
    targetSlope: (a, y) => -slope(a, y),
  })
}
