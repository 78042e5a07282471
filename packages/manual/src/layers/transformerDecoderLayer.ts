import { sumOf } from '../affine.ts'
import type { NumericArray } from '../array.ts'
import type { MultiHeadWeights } from './multiHeadAttention.ts'
import {
  type AttentionSettings,
  attend,
  attendBackward,
  beside,
  besideBackward,
  type FeedForwardWeights,
  feedForward,
  feedForwardBackward,
  type NormWeights,
  type TransformerDrops,
  type TransformerSettings,
} from './transformerEncoderLayer.ts'

/** What a decoder layer learns. */
export interface DecoderLayerWeights {
  readonly selfAttention: MultiHeadWeights
  readonly crossAttention: MultiHeadWeights
  readonly feedForward: FeedForwardWeights
  readonly norms: readonly [NormWeights, NormWeights, NormWeights]
}

/** What `transformerDecoderLayer.forward` takes. */
export interface DecoderLayerInputs extends TransformerSettings {
  /** The target, (batch, time, f) */
  readonly x: NumericArray
  /** What the encoder made of the source, (batch, source time, f) */
  readonly memory: NumericArray
  readonly weights: DecoderLayerWeights
  readonly selfAttention: AttentionSettings
  readonly crossAttention: AttentionSettings
  readonly drops: TransformerDrops
}

/** Derivatives of L. */
export interface DecoderLayerGradients {
  readonly dx: NumericArray
  readonly dmemory: NumericArray
  readonly dWeights: DecoderLayerWeights
}

/**
 * A decoder layer of a transformer: three parts, each added to what comes in and normalised as in `transformerEncoderLayer`, where
 * the way back through one of them is derived.
 *
 *     x₁ = beside(x, attention to x)      x₂ = beside(x₁, attention to the memory M)      y = beside(x₂, dense layers)
 *
 * The way back is the same three in reverse. In the second part keys and values are made of M, not of x₁: what comes back to
 * them is dM, and only what comes back to the queries goes on to x₁. When several layers look at one memory, their dM add up.
 */
export const transformerDecoderLayer: {
  forward(inputs: DecoderLayerInputs): NumericArray
  backward(inputs: DecoderLayerInputs & { readonly dy: NumericArray }): DecoderLayerGradients
} = {
  forward: inputs => decoderStations(inputs).y,

  backward: inputs => {
    const { dy, x, memory, weights, selfAttention, crossAttention, drops } = inputs
    const { first, second } = decoderStations(inputs)
    const dense = besideBackward(inputs, second, weights.norms[2], drops.parts[2]!, dy, {
      forward: y => feedForward(inputs, weights.feedForward, drops.hidden, y),
      backward: (dF, y) => feedForwardBackward(inputs, weights.feedForward, drops.hidden, y, dF),
    })
    let dmemory = memory
    const look = besideBackward(inputs, first, weights.norms[1], drops.parts[1]!, dense.dx, {
      forward: y => attend(inputs, weights.crossAttention, crossAttention, y, memory),
      backward: (dF, y) => {
        const found = attendBackward(inputs, weights.crossAttention, crossAttention, y, memory, dF)
        dmemory = found.dother
        return found
      },
    })
    const read = besideBackward(inputs, x, weights.norms[0], drops.parts[0]!, look.dx, {
      forward: y => attend(inputs, weights.selfAttention, selfAttention, y, y),
      backward: (dF, y) => {
        const { dx, dother, dWeights } = attendBackward(
          inputs,
          weights.selfAttention,
          selfAttention,
          y,
          y,
          dF,
        )
        return { dx: sumOf(dx, dother), dWeights }
      },
    })
    return {
      dx: read.dx,
      dmemory,
      dWeights: {
        selfAttention: read.dWeights,
        crossAttention: look.dWeights,
        feedForward: dense.dWeights,
        norms: [read.dNorm, look.dNorm, dense.dNorm],
      },
    }
  },
}

/** What the parts of a decoder layer pass on. */
function decoderStations(inputs: DecoderLayerInputs): {
  readonly first: NumericArray
  readonly second: NumericArray
  readonly y: NumericArray
} {
  const { x, memory, weights, selfAttention, crossAttention, drops } = inputs
  const first = beside(inputs, x, weights.norms[0], drops.parts[0]!, y =>
    attend(inputs, weights.selfAttention, selfAttention, y, y),
  )
  const second = beside(inputs, first, weights.norms[1], drops.parts[1]!, y =>
    attend(inputs, weights.crossAttention, crossAttention, y, memory),
  )
  const y = beside(inputs, second, weights.norms[2], drops.parts[2]!, z =>
    feedForward(inputs, weights.feedForward, drops.hidden, z),
  )
  return { first, second, y }
}
