import { type NumericArray, zerosOf } from '../array.ts'

/** What `embedding.forward` takes. */
export interface EmbeddingForwardInputs {
  /** The table, (n, d). */
  readonly weight: NumericArray
  /** Which rows, in any shape. */
  readonly indices: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }
}

/** What `embedding.backward` takes: dy is the derivative of L with respect to every output. */
export interface EmbeddingBackwardInputs extends EmbeddingForwardInputs {
  readonly dy: NumericArray
  /** A row without a gradient. */
  readonly paddingIndex?: number | null
  /** Whether the gradient of a row is divided by how often it is looked up. */
  readonly scaleGradientByFrequency?: boolean
}

/**
 * A table of vectors, (n, d): the row W_r for every index r. With the index r_i at place i,
 *
 *     y_ij = W_(r_i) j     so     ∂y_ij/∂W_rj = 1 for r = r_i, else 0
 *
 * and the gradient of a row is the sum over the places that look it up, dW_rj = Σ_(i: r_i = r) dy_ij. Two settings change it,
 * and neither is a derivative: the row of the padding index gets 0, and "by frequency" the sum becomes a mean, each dy_ij being
 * divided by the number of places with r_i.
 */
export const embedding: {
  /** (...i) indices → (...i, d). */
  forward(inputs: EmbeddingForwardInputs): NumericArray
  /** From dy to dW. */
  backward(inputs: EmbeddingBackwardInputs): NumericArray
} = {
  forward: ({ weight, indices }) => {
    const d = weight.shape[1]!
    const y = zerosOf([...indices.shape, d], [weight])
    for (let i = 0; i < indices.data.length; i++) {
      for (let j = 0; j < d; j++) y.data[i * d + j] = weight.data[indices.data[i]! * d + j]!
    }
    return y
  },

  backward: ({ dy, weight, indices, paddingIndex = null, scaleGradientByFrequency = false }) => {
    const [n, d] = weight.shape as [number, number]
    const counts = new Float64Array(n)
    for (let i = 0; i < indices.data.length; i++) counts[indices.data[i]!]! += 1
    const dweight = zerosOf(weight.shape, [dy])
    for (let i = 0; i < indices.data.length; i++) {
      const row = indices.data[i]!
      if (row === paddingIndex) continue
      const share = scaleGradientByFrequency ? 1 / counts[row]! : 1
      for (let j = 0; j < d; j++) dweight.data[row * d + j]! += share * dy.data[i * d + j]!
    }
    return dweight
  },
}
