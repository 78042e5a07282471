import { type NumericArray, zerosOf } from '../array.ts'

/** What `pairwiseDistance.forward` takes: x and y are (m, n), one point in each row. */
export interface PairwiseDistanceForwardInputs {
  readonly x: NumericArray
  readonly y: NumericArray
  /** The p of the norm, from 1 up. */
  readonly order: number
  /** Added to every difference. Default 0. */
  readonly epsilon?: number
}

/** What `pairwiseDistance.backward` takes: dd is the derivative of L with respect to the distances d. */
export interface PairwiseDistanceBackwardInputs extends PairwiseDistanceForwardInputs {
  readonly dd: NumericArray
  readonly d: NumericArray
}

/**
 * The distance of two points, with v_k = x_k − y_k + ε,
 *
 *     d = (Σ_k |v_k|^p)^(1/p)
 *
 * From d^p = Σ |v_k|^p follows p d^(p−1) ∂d/∂v_k = p |v_k|^(p−1) sign v_k, so
 *
 *     dx_k = dd · sign(v_k) (|v_k| / d)^(p−1)      dy_k = −dx_k
 *
 * Where d is 0 the derivative does not exist, and this formula takes 0.
 */
export const pairwiseDistance: {
  /** (m, n) twice → (m). */
  forward(inputs: PairwiseDistanceForwardInputs): NumericArray
  /** From dd to dx and dy. */
  backward(inputs: PairwiseDistanceBackwardInputs): {
    readonly dx: NumericArray
    readonly dy: NumericArray
  }
} = {
  forward: ({ x, y, order, epsilon = 0 }) => {
    const [m, n] = x.shape as [number, number]
    const d = zerosOf([m], [x, y])
    for (let i = 0; i < m; i++) {
      let sum = 0
      for (let k = i * n; k < (i + 1) * n; k++) sum += Math.abs(x.data[k]! - y.data[k]! + epsilon) ** order
      d.data[i] = sum ** (1 / order)
    }
    return d
  },

  backward: ({ dd, x, y, d, order, epsilon = 0 }) => {
    const [m, n] = x.shape as [number, number]
    const dx = zerosOf(x.shape, [dd])
    const dy = zerosOf(y.shape, [dd])
    for (let i = 0; i < m; i++) {
      const distance = d.data[i]!
      if (distance === 0) continue
      for (let k = i * n; k < (i + 1) * n; k++) {
        const v = x.data[k]! - y.data[k]! + epsilon
        dx.data[k] = dd.data[i]! * Math.sign(v) * (Math.abs(v) / distance) ** (order - 1)
        dy.data[k] = -dx.data[k]!
      }
    }
    return { dx, dy }
  },
}
