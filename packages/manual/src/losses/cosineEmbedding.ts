import { type NumericArray, zerosOf } from '../array.ts'
import { type ExampleLoss, expectRows, onePerRow } from './loss.ts'

/** What {@link cosineEmbedding} takes: vectors in rows, `[m, n]`, and a target ±1 for every pair, `[m]`. */
export interface CosineEmbeddingInputs {
  readonly a: NumericArray
  readonly b: NumericArray
  readonly y: NumericArray
  readonly margin?: number
}

/**
 * For pairs of vectors, with c = (a · b)/(‖a‖ ‖b‖) and the margin k:
 *
 *     L = 1 − c  where y = 1,   max(0, c − k)  where y = −1
 *     dc = −dL  where y = 1,    [c > k] dL  where y = −1
 *
 * With ∂‖a‖/∂a = a/‖a‖, the quotient rule gives
 *
 *     ∂c/∂a = b/(‖a‖ ‖b‖) − (a · b) a/(‖a‖³ ‖b‖) = (b/‖b‖ − c a/‖a‖)/‖a‖
 *
 * and the same for b with the roles exchanged: what b adds in the direction of a changes the length only.
 */
export const cosineEmbedding: ExampleLoss<
  CosineEmbeddingInputs,
  { readonly da: NumericArray; readonly db: NumericArray }
> = {
  name: 'cosineEmbedding',
  forward: ({ a, b, y, margin = 0 }) => {
    expectRows('cosineEmbedding.forward', { a, b })
    const losses = onePerRow(a)
    for (let i = 0; i < losses.data.length; i++) {
      const { c } = cosineOf(a, b, i)
      losses.data[i] = y.data[i] === 1 ? 1 - c : Math.max(0, c - margin)
    }
    return losses
  },
  backward: ({ a, b, y, margin = 0, dlosses }) => {
    expectRows('cosineEmbedding.backward', { a, b })
    const [da, db] = [zerosOf(a.shape, [a, b, dlosses]), zerosOf(a.shape, [a, b, dlosses])]
    const n = a.shape[1]!
    for (let i = 0; i < a.shape[0]!; i++) {
      const { c, lengthA, lengthB } = cosineOf(a, b, i)
      const dc = dlosses.data[i]! * (y.data[i] === 1 ? -1 : c > margin ? 1 : 0)
      for (let k = i * n; k < (i + 1) * n; k++) {
        const [u, v] = [a.data[k]! / lengthA, b.data[k]! / lengthB]
        da.data[k] = (dc * (v - c * u)) / lengthA
        db.data[k] = (dc * (u - c * v)) / lengthB
      }
    }
    return { da, db }
  },
}

function cosineOf(
  a: NumericArray,
  b: NumericArray,
  i: number,
): { readonly c: number; readonly lengthA: number; readonly lengthB: number } {
  const n = a.shape[1]!
  let [product, squareA, squareB] = [0, 0, 0]
  for (let k = i * n; k < (i + 1) * n; k++) {
    product += a.data[k]! * b.data[k]!
    squareA += a.data[k]! ** 2
    squareB += b.data[k]! ** 2
  }
  const [lengthA, lengthB] = [Math.sqrt(squareA), Math.sqrt(squareB)]
  return { c: product / (lengthA * lengthB), lengthA, lengthB }
}
