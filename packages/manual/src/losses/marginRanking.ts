import { type NumericArray, zerosOf } from '../array.ts'
import type { ExampleLoss } from './loss.ts'

/** What {@link marginRanking} takes: scores and targets ±1 in one shape. */
export interface MarginRankingInputs {
  readonly a: NumericArray
  readonly b: NumericArray
  readonly y: NumericArray
  readonly margin?: number
}

/**
 * For pairs of scores and targets y = 1, where a should rank higher, or y = −1: with the margin c,
 *
 *     L = max(0, c − y (a − b))
 *     ∂L/∂a = −y = −∂L/∂b  where c − y (a − b) > 0,  0 elsewhere
 */
export const marginRanking: ExampleLoss<
  MarginRankingInputs,
  { readonly da: NumericArray; readonly db: NumericArray }
> = {
  name: 'marginRanking',
  forward: ({ a, b, y, margin = 0 }) => {
    const losses = zerosOf(a.shape, [a, b, y])
    for (let i = 0; i < a.data.length; i++) {
      losses.data[i] = Math.max(0, margin - y.data[i]! * (a.data[i]! - b.data[i]!))
    }
    return losses
  },
  backward: ({ a, b, y, margin = 0, dlosses }) => {
    const [da, db] = [zerosOf(a.shape, [a, b, dlosses]), zerosOf(a.shape, [a, b, dlosses])]
    for (let i = 0; i < a.data.length; i++) {
      if (margin - y.data[i]! * (a.data[i]! - b.data[i]!) <= 0) continue
      da.data[i] = -y.data[i]! * dlosses.data[i]!
      db.data[i] = y.data[i]! * dlosses.data[i]!
    }
    return { da, db }
  },
}
