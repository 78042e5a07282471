import { type NumericArray, zerosOf } from '../array.ts'

/** What `cosineSimilarity.forward` takes: x and y are (m, n), one vector in each row. */
export interface CosineSimilarityForwardInputs {
  readonly x: NumericArray
  readonly y: NumericArray
}

/** What `cosineSimilarity.backward` takes: ds is the derivative of L with respect to the similarities. */
export interface CosineSimilarityBackwardInputs extends CosineSimilarityForwardInputs {
  readonly ds: NumericArray
}

/**
 * The cosine of the angle between two vectors that are not 0,
 *
 *     s = Σ_k x_k y_k / (|x| |y|)
 *
 * From ∂|x|/∂x_k = x_k/|x| follows by the quotient rule
 *
 *     ∂s/∂x_k = y_k/(|x| |y|) − s x_k/|x|²      ∂s/∂y_k = x_k/(|x| |y|) − s y_k/|y|²
 *
 * s does not change with the lengths: Σ_k x_k ∂s/∂x_k = 0.
 */
export const cosineSimilarity: {
  /** (m, n) twice → (m). */
  forward(inputs: CosineSimilarityForwardInputs): NumericArray
  /** From ds to dx and dy. */
  backward(inputs: CosineSimilarityBackwardInputs): {
    readonly dx: NumericArray
    readonly dy: NumericArray
  }
} = {
  forward: ({ x, y }) => {
    const [m, n] = x.shape as [number, number]
    const s = zerosOf([m], [x, y])
    for (let i = 0; i < m; i++) s.data[i] = partsOf(x, y, i, n).cosine
    return s
  },

  backward: ({ ds, x, y }) => {
    const [m, n] = x.shape as [number, number]
    const dx = zerosOf(x.shape, [ds])
    const dy = zerosOf(y.shape, [ds])
    for (let i = 0; i < m; i++) {
      const { lengthX, lengthY, cosine } = partsOf(x, y, i, n)
      for (let k = i * n; k < (i + 1) * n; k++) {
        const [a, b, d] = [x.data[k]!, y.data[k]!, ds.data[i]!]
        dx.data[k] = d * (b / (lengthX * lengthY) - (cosine * a) / lengthX ** 2)
        dy.data[k] = d * (a / (lengthX * lengthY) - (cosine * b) / lengthY ** 2)
      }
    }
    return { dx, dy }
  },
}

function partsOf(
  x: NumericArray,
  y: NumericArray,
  row: number,
  n: number,
): { readonly lengthX: number; readonly lengthY: number; readonly cosine: number } {
  let [xx, yy, xy] = [0, 0, 0]
  for (let k = row * n; k < (row + 1) * n; k++) {
    const [a, b] = [x.data[k]!, y.data[k]!]
    xx += a * a
    yy += b * b
    xy += a * b
  }
  const [lengthX, lengthY] = [Math.sqrt(xx), Math.sqrt(yy)]
  return { lengthX, lengthY, cosine: xy / (lengthX * lengthY) }
}
