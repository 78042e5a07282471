// Attention with heads beside its hand-derived twin: self and cross attention, sizes, masks, extras, rotation, dropout.
import { dropoutMask, Rng, type Tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { MultiHeadAttention } from '@adjoint/nn'
import fc from 'fast-check'
import {
  addedMask,
  drawMask,
  drawParameters,
  maskCases,
  namedGradients,
  small,
  weightsOf,
} from '../attention.ts'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc.record({
  ...maskCases,
  batch: small,
  n: small,
  m: small,
  heads: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 1, max: 2 }),
  keyFeatures: fc.constantFrom(undefined, 3),
  isSelf: fc.boolean(),
  bias: fc.boolean(),
  addBiasKeyValue: fc.boolean(),
  addZeroAttention: fc.boolean(),
  rotary: fc.constantFrom(null, 'neighbours' as const, 'halves' as const),
  dropout: fc.constantFrom(0, 0.3),
  timeFirst: fc.boolean(),
})

const swapped = (x: Tensor): Tensor => x.swapAxes(0, 1)

export const twins: readonly Twin[] = [
  twin('layers/multiHeadAttention', cases, (options, rng) => {
    const { batch, n, heads, size, bias, addBiasKeyValue, addZeroAttention, dropout, timeFirst, isSelf } =
      options
    const features = heads * size * 2
    const keyFeatures = isSelf ? undefined : options.keyFeatures
    const m = isSelf ? n : options.m
    const isCausal = options.isCausal
    const layer = new MultiHeadAttention(features, heads, {
      ...{ bias, addBiasKeyValue, addZeroAttention, dropout, timeFirst, dtype: 'float64', rng },
      ...(keyFeatures && { keyFeatures }),
      ...(options.rotary && { rotary: { pairs: options.rotary, base: 100 } }),
    })
    const parameters = drawParameters(rng, layer)
    const query = draw(rng, [batch, n, features])
    const key = isSelf ? query : draw(rng, [batch, m, keyFeatures ?? features])
    const value = isSelf ? query : draw(rng, [batch, m, features])
    const [mask, keyMask] = [drawMask(rng, options.mask, [n, m]), drawMask(rng, options.keyMask, [batch, m])]
    const laid = (x: Tensor): Tensor => (timeFirst ? swapped(x) : x)
    const q = laid(query)
    const found = layer.forward(
      {
        ...(isSelf ? { query: q } : { query: q, key: laid(key), value: laid(value) }),
        ...{ isCausal, needWeights: true },
        ...(mask && { mask }),
        ...(keyMask && { keyMask }),
      },
      { training: true, rng: new Rng(7) },
    )
    const outputs = { output: laid(found.output), weights: found.weights }
    const cotangents = cotangentsFor(rng, outputs)
    const all = m + Number(addBiasKeyValue) + Number(addZeroAttention)
    const drops = dropoutMask(new Rng(7), [batch, heads, n, all], dropout, { dtype: 'float64' }) as Tensor
    const inputs = {
      query: toArray(query),
      key: toArray(key),
      value: toArray(value),
      weights: weightsOf(layer),
      heads,
      addZeroAttention,
      rotary: options.rotary && { base: 100, offset: 0, pairs: options.rotary },
      mask: addedMask([batch, heads, n, m], { mask, keyMask, isCausal }),
      dropoutMask: toArray(drops),
    }
    const { dquery, dkey, dvalue, dWeights } = manual.multiHeadAttention.backward({
      ...inputs,
      doutput: toArray(cotangents.output!),
      dweights: toArray(cotangents.weights!),
    })
    const sequences = isSelf ? { query } : { query, key, value }
    return {
      automatic: differentiate({ ...sequences, ...parameters }, outputs, cotangents),
      manual: {
        ...manual.multiHeadAttention.forward(inputs),
        ...(isSelf ? { dquery: manual.sumOf(dquery, dkey, dvalue) } : { dquery, dkey, dvalue }),
        ...namedGradients(layer, dWeights),
      },
    }
  }),
]
