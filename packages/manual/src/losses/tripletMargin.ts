import { zerosOf } from '../array.ts'
import { type ExampleLoss, onePerRow } from './loss.ts'
import {
  type Distance,
  type TripletGradients,
  type TripletInputs,
  tripletMarginWithDistance,
} from './tripletMarginWithDistance.ts'

/** Settings of {@link tripletMargin}. */
export interface TripletMarginSettings {
  /** The p of the norm, at least 1. Default 2. */
  readonly order?: number
  readonly epsilon?: number
}

/** The triplet loss with the distance of {@link normDistance}. */
export function tripletMargin(
  settings: TripletMarginSettings = {},
): ExampleLoss<TripletInputs, TripletGradients> {
  return { ...tripletMarginWithDistance(normDistance(settings)), name: 'tripletMargin' }
}

/**
 * The p-norm of the difference, with r = x − y + ε:
 *
 *     d = (Σ |r_k|^p)^(1/p)
 *     ∂d/∂r_k = (1/p) (Σ |r|^p)^(1/p − 1) · p |r_k|^(p−1) sign(r_k) = sign(r_k) (|r_k|/d)^(p−1)
 *
 * and ∂d/∂x = ∂d/∂r = −∂d/∂y; for p = 2 it is r/d. At d = 0 the derivative is taken as 0.
 */
export function normDistance({ order: p = 2, epsilon = 0 }: TripletMarginSettings = {}): Distance {
  return {
    forward: ({ x, y }) => {
      const d = onePerRow(x)
      const n = x.shape[1]!
      for (let i = 0; i < d.data.length; i++) {
        let sum = 0
        for (let k = i * n; k < (i + 1) * n; k++) sum += Math.abs(x.data[k]! - y.data[k]! + epsilon) ** p
        d.data[i] = sum ** (1 / p)
      }
      return d
    },
    backward: ({ x, y, dd }) => {
      const d = normDistance({ order: p, epsilon }).forward({ x, y })
      const [dx, dy] = [zerosOf(x.shape, [x, y, dd]), zerosOf(x.shape, [x, y, dd])]
      const n = x.shape[1]!
      for (let i = 0; i < d.data.length; i++) {
        if (d.data[i] === 0) continue
        for (let k = i * n; k < (i + 1) * n; k++) {
          const r = x.data[k]! - y.data[k]! + epsilon
          dx.data[k] = dd.data[i]! * Math.sign(r) * (Math.abs(r) / d.data[i]!) ** (p - 1)
          dy.data[k] = -dx.data[k]!
        }
      }
      return { dx, dy }
    },
  }
}
