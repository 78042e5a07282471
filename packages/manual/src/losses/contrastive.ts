import { type NumericArray, zerosOf } from '../array.ts'
import { type ExampleLoss, expectRows, onePerRow } from './loss.ts'

/** What {@link contrastive} takes: vectors in rows, `[m, n]`, and 1 for similar, 0 for dissimilar pairs, `[m]`. */
export interface ContrastiveInputs {
  readonly a: NumericArray
  readonly b: NumericArray
  readonly y: NumericArray
  readonly margin?: number
}

/**
 * For pairs of vectors with r = a − b, d = ‖r‖ and the margin c:
 *
 *     L = ½ y d² + ½ (1 − y) max(0, c − d)²
 *
 * d² has the derivative 2r and d the derivative r/d, so
 *
 *     ∂L/∂a = y r − (1 − y) max(0, c − d) r/d = −∂L/∂b
 *     ∂L/∂y = ½ d² − ½ max(0, c − d)²
 *
 * At d = 0 the second term has no direction, and is left out.
 */
export const contrastive: ExampleLoss<
  ContrastiveInputs,
  { readonly da: NumericArray; readonly db: NumericArray; readonly dy: NumericArray }
> = {
  name: 'contrastive',
  forward: ({ a, b, y, margin = 1 }) => {
    expectRows('contrastive.forward', { a, b })
    const losses = onePerRow(a)
    for (let i = 0; i < losses.data.length; i++) {
      const d = distanceOf(a, b, i)
      losses.data[i] = 0.5 * y.data[i]! * d ** 2 + 0.5 * (1 - y.data[i]!) * Math.max(0, margin - d) ** 2
    }
    return losses
  },
  backward: ({ a, b, y, margin = 1, dlosses }) => {
    expectRows('contrastive.backward', { a, b })
    const [da, db] = [zerosOf(a.shape, [a, b, dlosses]), zerosOf(a.shape, [a, b, dlosses])]
    const dy = zerosOf(y.shape, [a, b, dlosses])
    const n = a.shape[1]!
    for (let i = 0; i < a.shape[0]!; i++) {
      const d = distanceOf(a, b, i)
      const open = Math.max(0, margin - d)
      const along = y.data[i]! - (d === 0 ? 0 : ((1 - y.data[i]!) * open) / d)
      for (let k = i * n; k < (i + 1) * n; k++) {
        da.data[k] = dlosses.data[i]! * along * (a.data[k]! - b.data[k]!)
        db.data[k] = -da.data[k]!
      }
      dy.data[i] = 0.5 * dlosses.data[i]! * (d ** 2 - open ** 2)
    }
    return { da, db, dy }
  },
}

function distanceOf(a: NumericArray, b: NumericArray, i: number): number {
  const n = a.shape[1]!
  let sum = 0
  for (let k = i * n; k < (i + 1) * n; k++) sum += (a.data[k]! - b.data[k]!) ** 2
  return Math.sqrt(sum)
}
