import { type NumericArray, zerosOf } from '../array.ts'

/** What `rmsNorm.forward` takes. */
export interface RMSNormForwardInputs {
  readonly x: NumericArray
  /** γ; all ones when it is left out. */
  readonly weight?: NumericArray | undefined
  /** ε */
  readonly epsilon: number
  /** How many entries at the end of the array are one example: the product of the last sizes. */
  readonly size: number
}

/** What `rmsNorm.backward` takes: dy is the derivative of L with respect to every output. */
export interface RMSNormBackwardInputs extends RMSNormForwardInputs {
  readonly dy: NumericArray
}

/**
 * RMS norm of `(...batch, ...shape)`: for the n entries x_i of one example,
 *
 *     s = (1/n) Σ x_i²     y_i = γ_i x_i / √(s + ε)
 *
 * γ collects over the examples, dγ_i = Σ dy_i x_i / √(s + ε). With u_i = γ_i dy_i, s is met by every y_i:
 *
 *     ds = Σ u_i x_i · (-1/2) (s + ε)^(-3/2)
 *
 * and x_i by its own y_i and by s, ∂s/∂x_i = 2 x_i / n:
 *
 *     dx_i = u_i / √(s + ε) + ds · 2 x_i / n
 */
export const rmsNorm: {
  /** (...batch, ...shape) → the same. */
  forward(inputs: RMSNormForwardInputs): NumericArray
  /** From dy to dx and dγ. */
  backward(inputs: RMSNormBackwardInputs): { readonly dx: NumericArray; readonly dweight: NumericArray }
} = {
  forward: ({ x, weight, epsilon, size }) => {
    const y = zerosOf(x.shape, [x])
    for (let from = 0; from < x.data.length; from += size) {
      const root = Math.sqrt(meanSquare(x, from, size) + epsilon)
      for (let i = 0; i < size; i++) y.data[from + i] = ((weight?.data[i] ?? 1) * x.data[from + i]!) / root
    }
    return y
  },

  backward: ({ dy, x, weight, epsilon, size }) => {
    const dx = zerosOf(x.shape, [x, dy])
    const dweight = zerosOf(weight?.shape ?? [size], [x, dy])
    for (let from = 0; from < x.data.length; from += size) {
      const spread = meanSquare(x, from, size) + epsilon
      let ds = 0
      for (let i = 0; i < size; i++) {
        const u = (weight?.data[i] ?? 1) * dy.data[from + i]!
        ds += u * x.data[from + i]! * -0.5 * spread ** -1.5
        dweight.data[i]! += (dy.data[from + i]! * x.data[from + i]!) / Math.sqrt(spread)
      }
      for (let i = 0; i < size; i++) {
        const u = (weight?.data[i] ?? 1) * dy.data[from + i]!
        dx.data[from + i] = u / Math.sqrt(spread) + (ds * 2 * x.data[from + i]!) / size
      }
    }
    return { dx, dweight }
  },
}

/** s = (1/n) Σ x_i² */
function meanSquare(x: NumericArray, from: number, size: number): number {
  let total = 0
  for (let i = 0; i < size; i++) total += x.data[from + i]! ** 2
  return total / size
}
