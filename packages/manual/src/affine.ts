/** The affine map of rows, y = x Wᵀ + b, on arrays of any number of axes: what several layers are made of. */
import { type NumericArray, zerosOf } from './array.ts'

/** Derivatives of L: plain sums over the rows. */
export interface AffineGradients {
  readonly dx: NumericArray
  readonly dW: NumericArray
  /** Also given where there is no b. */
  readonly db: NumericArray
}

/** y_rj = Σ_k W_jk x_rk + b_j for every row r: `[..., in] -> [..., out]`, W is `[out, in]`. */
export function affine(x: NumericArray, W: NumericArray, b: NumericArray | null): NumericArray {
  const [outs, ins] = W.shape as [number, number]
  const y = zerosOf([...x.shape.slice(0, -1), outs], [x, W])
  const rows = ins === 0 ? 0 : x.data.length / ins
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < outs; j++) {
      let sum = 0
      for (let k = 0; k < ins; k++) sum += W.data[j * ins + k]! * x.data[r * ins + k]!
      y.data[r * outs + j] = sum + (b === null ? 0 : b.data[j]!)
    }
  }
  return y
}

/** With dy = ∂L/∂y: dW_jk = Σ_r dy_rj x_rk, db_j = Σ_r dy_rj, dx_rk = Σ_j W_jk dy_rj. */
export function affineBackward(dy: NumericArray, x: NumericArray, W: NumericArray): AffineGradients {
  const [outs, ins] = W.shape as [number, number]
  const dx = zerosOf(x.shape, [dy, W])
  const dW = zerosOf(W.shape, [dy, x])
  const db = zerosOf([outs], [dy])
  const rows = ins === 0 ? 0 : x.data.length / ins
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < outs; j++) {
      const d = dy.data[r * outs + j]!
      db.data[j]! += d
      for (let k = 0; k < ins; k++) {
        dW.data[j * ins + k]! += d * x.data[r * ins + k]!
        dx.data[r * ins + k]! += W.data[j * ins + k]! * d
      }
    }
  }
  return { dx, dW, db }
}

/** The sum of arrays of one shape. */
export function sumOf(first: NumericArray, ...others: readonly NumericArray[]): NumericArray {
  const sum = zerosOf(first.shape, [first, ...others])
  for (const { data } of [first, ...others]) for (let i = 0; i < data.length; i++) sum.data[i]! += data[i]!
  return sum
}

/** The product of two arrays of one shape, entry by entry: a dropout mask over values, or over their derivatives. */
export function productOf(x: NumericArray, factor: NumericArray | null): NumericArray {
  if (factor === null) return x
  const product = zerosOf(x.shape, [x, factor])
  for (let i = 0; i < x.data.length; i++) product.data[i] = x.data[i]! * factor.data[i]!
  return product
}
