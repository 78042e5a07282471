// The encoder layer beside its hand-derived twin: norms before and behind, both activations, masks, rotation, dropout.
import { Rng } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { TransformerEncoderLayer } from '@adjoint/nn'
import fc from 'fast-check'
import { addedMask, drawMask, drawParameters, maskCases, weightsOf } from '../attention.ts'
import {
  DROPS,
  denseWeightsOf,
  maskDrawer,
  namedLayerGradients,
  normWeightsOf,
  termsOf,
  transformerCases,
} from '../transformer.ts'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc.record({ ...transformerCases, ...maskCases, rotary: fc.boolean() })

export const twins: readonly Twin[] = [
  twin('layers/transformerEncoderLayer', cases, (options, rng) => {
    const { batch, n, heads, size, hidden, preNorm, activation, dropout, isCausal, rotary } = options
    const features = heads * size
    const layer = new TransformerEncoderLayer(features, heads, {
      ...{ feedForward: hidden, preNorm, activation, dropout, epsilon: 0.01, rotary, dtype: 'float64', rng },
    })
    const parameters = drawParameters(rng, layer)
    const x = draw(rng, [batch, n, features])
    const [mask, keyMask] = [drawMask(rng, options.mask, [n, n]), drawMask(rng, options.keyMask, [batch, n])]
    const y = layer.forward(
      { input: x, isCausal, ...(mask && { mask }), ...(keyMask && { keyMask }) },
      { training: true, rng: new Rng(DROPS) },
    )
    const cotangents = cotangentsFor(rng, { y })
    const drops = maskDrawer(dropout)
    const attention = {
      mask: addedMask([batch, heads, n, n], { mask, keyMask, isCausal }),
      dropoutMask: drops(batch, heads, n, n),
      rotary: rotary ? { base: 10000, offset: 0, pairs: 'neighbours' as const } : null,
    }
    const first = drops(batch, n, features)
    const between = drops(batch, n, hidden)
    const inputs = {
      ...{ heads, preNorm, activation, epsilon: 0.01, attention },
      x: toArray(x),
      weights: {
        selfAttention: weightsOf(layer.selfAttention),
        feedForward: denseWeightsOf(layer),
        norms: [normWeightsOf(layer.norm1), normWeightsOf(layer.norm2)] as const,
      },
      drops: { parts: [first, drops(batch, n, features)], hidden: between },
    }
    const { dx, dWeights } = manual.transformerEncoderLayer.backward({
      ...inputs,
      dy: toArray(cotangents.y!),
    })
    const derivatives = { dx, ...namedLayerGradients(layer, dWeights) }
    return {
      automatic: differentiate({ x, ...parameters }, { y }, cotangents),
      manual: { y: manual.transformerEncoderLayer.forward(inputs), ...derivatives },
      terms: termsOf(derivatives),
    }
  }),
]
