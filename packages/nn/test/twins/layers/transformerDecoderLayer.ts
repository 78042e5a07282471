// The decoder layer beside its hand-derived twin: both attentions with their masks, norms before and behind, dropout.
import { Rng } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { TransformerDecoderLayer } from '@adjoint/nn'
import fc from 'fast-check'
import { addedMask, drawMask, drawParameters, type MaskCase, maskCases, weightsOf } from '../attention.ts'
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

const kinds = fc.constantFrom<MaskCase>('none', 'bool', 'numbers')
const cases = fc.record({ ...transformerCases, ...maskCases, memoryMask: kinds, memoryKeyMask: kinds })

export const twins: readonly Twin[] = [
  twin('layers/transformerDecoderLayer', cases, (options, rng) => {
    const { batch, n, m, heads, size, hidden, preNorm, activation, dropout, isCausal } = options
    const features = heads * size
    const layer = new TransformerDecoderLayer(features, heads, {
      ...{ feedForward: hidden, preNorm, activation, dropout, epsilon: 0.01, dtype: 'float64', rng },
    })
    const parameters = drawParameters(rng, layer)
    const [target, memory] = [draw(rng, [batch, n, features]), draw(rng, [batch, m, features])]
    const targetMask = drawMask(rng, options.mask, [n, n])
    const targetKeyMask = drawMask(rng, options.keyMask, [batch, n])
    const memoryMask = drawMask(rng, options.memoryMask, [n, m])
    const memoryKeyMask = drawMask(rng, options.memoryKeyMask, [batch, m])
    const y = layer.forward(
      {
        ...{ target, memory, isCausal },
        ...(targetMask && { targetMask }),
        ...(targetKeyMask && { targetKeyMask }),
        ...(memoryMask && { memoryMask }),
        ...(memoryKeyMask && { memoryKeyMask }),
      },
      { training: true, rng: new Rng(DROPS) },
    )
    const cotangents = cotangentsFor(rng, { y })
    const drops = maskDrawer(dropout)
    const selfAttention = {
      mask: addedMask([batch, heads, n, n], { mask: targetMask, keyMask: targetKeyMask, isCausal }),
      dropoutMask: drops(batch, heads, n, n),
      rotary: null,
    }
    const first = drops(batch, n, features)
    const crossAttention = {
      mask: addedMask([batch, heads, n, m], { mask: memoryMask, keyMask: memoryKeyMask }),
      dropoutMask: drops(batch, heads, n, m),
      rotary: null,
    }
    const second = drops(batch, n, features)
    const between = drops(batch, n, hidden)
    const inputs = {
      ...{ heads, preNorm, activation, epsilon: 0.01, selfAttention, crossAttention },
      x: toArray(target),
      memory: toArray(memory),
      weights: {
        selfAttention: weightsOf(layer.selfAttention),
        crossAttention: weightsOf(layer.crossAttention),
        feedForward: denseWeightsOf(layer),
        norms: [normWeightsOf(layer.norm1), normWeightsOf(layer.norm2), normWeightsOf(layer.norm3)] as const,
      },
      drops: { parts: [first, second, drops(batch, n, features)], hidden: between },
    }
    const found = manual.transformerDecoderLayer.backward({ ...inputs, dy: toArray(cotangents.y!) })
    const derivatives = {
      ...{ dtarget: found.dx, dmemory: found.dmemory },
      ...namedLayerGradients(layer, found.dWeights),
    }
    return {
      automatic: differentiate({ target, memory, ...parameters }, { y }, cotangents),
      manual: { y: manual.transformerDecoderLayer.forward(inputs), ...derivatives },
      terms: termsOf(derivatives),
    }
  }),
]
