import { type NumericArray, zerosOf } from '../array.ts'

/** What `embeddingBag.forward` takes. */
export interface EmbeddingBagForwardInputs {
  /** The table, (n, d). */
  readonly weight: NumericArray
  /** The rows of all bags, one bag after the other. */
  readonly indices: ArrayLike<number>
  /** Where each bag begins in the indices, ascending. */
  readonly offsets: ArrayLike<number>
  readonly mode: 'sum' | 'mean' | 'max'
  /** A factor for each of the indices, for sums. */
  readonly perSampleWeights?: NumericArray | undefined
  /** Indices that are left out. */
  readonly paddingIndex?: number | null
}

/** What `embeddingBag.backward` takes: dy is the derivative of L with respect to every output. */
export interface EmbeddingBagBackwardInputs extends EmbeddingBagForwardInputs {
  readonly dy: NumericArray
  /** Whether the gradient of a row is divided by how often it is looked up. */
  readonly scaleGradientByFrequency?: boolean
}

/** dW, and the gradient of the factors where there are any. */
export interface EmbeddingBagGradients {
  readonly dweight: NumericArray
  readonly dperSampleWeights?: NumericArray
}

/**
 * Bags of rows of a table (n, d), joined. With the indices r_i of bag B, those of the padding left out, and |B| of them,
 *
 *     sum   y_Bj = Σ_i s_i W_(r_i) j            dW_rj += s_i dy_Bj for r = r_i     ds_i = Σ_j dy_Bj W_(r_i) j
 *     mean  y_Bj = (1/|B|) Σ_i W_(r_i) j        dW_rj += dy_Bj / |B| for r = r_i
 *     max   y_Bj = max_i W_(r_i) j              dW_rj += dy_Bj / t for each of the t indices that reach the maximum
 *
 * Each index adds its share, so a row that is in a bag twice gets it twice. An empty bag is 0 and has no gradient. "By
 * frequency", what index i adds is divided by the number of indices, of all bags, that are r_i.
 */
export const embeddingBag: {
  /** Indices and offsets → (bags, d). */
  forward(inputs: EmbeddingBagForwardInputs): NumericArray
  /** From dy to dW and to the gradient of the factors. */
  backward(inputs: EmbeddingBagBackwardInputs): EmbeddingBagGradients
} = {
  forward: inputs => {
    const { weight, indices, mode, perSampleWeights } = inputs
    const d = weight.shape[1]!
    const bags = bagsOf(inputs)
    const y = zerosOf([bags.length, d], [weight])
    for (const [b, bag] of bags.entries()) {
      for (let j = 0; j < d; j++) {
        const entries = bag.map(i => (perSampleWeights?.data[i] ?? 1) * weight.data[indices[i]! * d + j]!)
        y.data[b * d + j] = joined(entries, mode)
      }
    }
    return y
  },

  backward: inputs => {
    const { dy, weight, indices, mode, perSampleWeights, scaleGradientByFrequency = false } = inputs
    const [n, d] = weight.shape as [number, number]
    const counts = new Float64Array(n)
    for (let i = 0; i < indices.length; i++) counts[indices[i]!]! += 1
    const dweight = zerosOf(weight.shape, [dy])
    const dperSampleWeights = perSampleWeights && zerosOf(perSampleWeights.shape, [dy])
    for (const [b, bag] of bagsOf(inputs).entries()) {
      for (let j = 0; j < d; j++) {
        const entries = bag.map(i => weight.data[indices[i]! * d + j]!)
        const highest = Math.max(...entries)
        const ties = entries.filter(entry => entry === highest).length
        for (const [k, i] of bag.entries()) {
          const row = indices[i]!
          const ofMax = entries[k] === highest ? 1 / ties : 0
          const share = { sum: perSampleWeights?.data[i] ?? 1, mean: 1 / bag.length, max: ofMax }[mode]
          const scale = scaleGradientByFrequency ? 1 / counts[row]! : 1
          dweight.data[row * d + j]! += scale * share * dy.data[b * d + j]!
          if (dperSampleWeights) dperSampleWeights.data[i]! += dy.data[b * d + j]! * entries[k]!
        }
      }
    }
    return dperSampleWeights ? { dweight, dperSampleWeights } : { dweight }
  },
}

/** The positions in `indices` that belong to each bag, without those of the padding. */
function bagsOf({ indices, offsets, paddingIndex = null }: EmbeddingBagForwardInputs): number[][] {
  const bags: number[][] = []
  for (let b = 0; b < offsets.length; b++) {
    const bag: number[] = []
    const end = offsets[b + 1] ?? indices.length
    for (let i = offsets[b]!; i < end; i++) if (indices[i] !== paddingIndex) bag.push(i)
    bags.push(bag)
  }
  return bags
}

function joined(entries: readonly number[], mode: EmbeddingBagForwardInputs['mode']): number {
  if (entries.length === 0) return 0
  if (mode === 'max') return Math.max(...entries)
  const total = entries.reduce((sum, entry) => sum + entry, 0)
  return mode === 'sum' ? total : total / entries.length
}
