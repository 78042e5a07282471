import { type NumericArray, zerosOf } from '../array.ts'

/** What `bilinear.forward` takes. */
export interface BilinearForwardInputs {
  /** (m, p) */
  readonly x1: NumericArray
  /** (m, q) */
  readonly x2: NumericArray
  /** (out, p, q) */
  readonly weight: NumericArray
  /** (out); none when it is left out. */
  readonly bias?: NumericArray | undefined
}

/** What `bilinear.backward` takes: dy is the derivative of L with respect to every output. */
export interface BilinearBackwardInputs extends Omit<BilinearForwardInputs, 'bias'> {
  readonly dy: NumericArray
}

/** Derivatives of both inputs and of the parameters: plain sums over the examples. */
export interface BilinearGradients {
  readonly dx1: NumericArray
  readonly dx2: NumericArray
  readonly dweight: NumericArray
  readonly dbias: NumericArray
}

/**
 * The bilinear layer: for one example,
 *
 *     y_o = Σ_ij x1_i W_oij x2_j + b_o
 *
 * It is linear in each of its three factors when the other two stand still, so each derivative is the product of the others:
 *
 *     dx1_i = Σ_oj dy_o W_oij x2_j     dx2_j = Σ_oi dy_o x1_i W_oij     dW_oij = Σ_m dy_o x1_i x2_j     db_o = Σ_m dy_o
 *
 * where Σ_m runs over the examples, which share W and b.
 */
export const bilinear: {
  /** (m, p) and (m, q) → (m, out). */
  forward(inputs: BilinearForwardInputs): NumericArray
  /** From dy to dx1, dx2, dW and db. */
  backward(inputs: BilinearBackwardInputs): BilinearGradients
} = {
  forward: ({ x1, x2, weight, bias }) => {
    const [outputs, p, q] = weight.shape as [number, number, number]
    const examples = x1.shape[0]!
    const y = zerosOf([examples, outputs], [x1, x2, weight])
    for (let m = 0; m < examples; m++) {
      for (let o = 0; o < outputs; o++) {
        let sum = bias?.data[o] ?? 0
        for (let i = 0; i < p; i++) {
          for (let j = 0; j < q; j++) {
            sum += x1.data[m * p + i]! * weight.data[(o * p + i) * q + j]! * x2.data[m * q + j]!
          }
        }
        y.data[m * outputs + o] = sum
      }
    }
    return y
  },

  backward: ({ dy, x1, x2, weight }) => {
    const [outputs, p, q] = weight.shape as [number, number, number]
    const dx1 = zerosOf(x1.shape, [dy])
    const dx2 = zerosOf(x2.shape, [dy])
    const dweight = zerosOf(weight.shape, [dy])
    const dbias = zerosOf([outputs], [dy])
    for (let m = 0; m < x1.shape[0]!; m++) {
      for (let o = 0; o < outputs; o++) {
        const d = dy.data[m * outputs + o]!
        dbias.data[o]! += d
        for (let i = 0; i < p; i++) {
          for (let j = 0; j < q; j++) {
            const [a, w, b] = [x1.data[m * p + i]!, weight.data[(o * p + i) * q + j]!, x2.data[m * q + j]!]
            dx1.data[m * p + i]! += d * w * b
            dx2.data[m * q + j]! += d * a * w
            dweight.data[(o * p + i) * q + j]! += d * a * b
          }
        }
      }
    }
    return { dx1, dx2, dweight, dbias }
  },
}
