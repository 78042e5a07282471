// The function of @adjoint/core beside its hand-derived twin: masks, dropout, scale, weights that the loss depends on.
import { dropoutMask, Rng, scaledDotProductAttention, type Tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import fc from 'fast-check'
import { addedMask, drawMask, maskCases, small } from '../attention.ts'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc.record({
  ...maskCases,
  batch: small,
  n: small,
  m: small,
  d: small,
  v: small,
  scale: fc.constantFrom(undefined, 0.7),
  dropoutRate: fc.constantFrom(0, 0.4),
})

export const twins: readonly Twin[] = [
  twin('layers/scaledDotProductAttention', cases, (options, rng) => {
    const { batch, n, m, d, v, isCausal, scale, dropoutRate } = options
    const [query, key, value] = [draw(rng, [batch, n, d]), draw(rng, [batch, m, d]), draw(rng, [batch, m, v])]
    const mask = drawMask(rng, options.mask, [n, m])
    if (options.mask === 'numbers') mask!.requiresGrad = true
    const outputs = scaledDotProductAttention(query, key, value, {
      isCausal,
      dropoutRate,
      rng: new Rng(7),
      needWeights: true,
      ...(mask && { mask }),
      ...(scale && { scale }),
    })
    const cotangents = cotangentsFor(rng, { ...outputs })
    const inputs = {
      query: toArray(query),
      key: toArray(key),
      value: toArray(value),
      mask: manual.numericArray([batch, n, m], addedMask([batch, 1, n, m], { mask, isCausal }).data),
      dropoutMask: toArray(
        dropoutMask(new Rng(7), [batch, n, m], dropoutRate, { dtype: 'float64' }) as Tensor,
      ),
      scale: scale ?? 1 / Math.sqrt(d),
    }
    const { dmask, ...found } = manual.scaledDotProductAttention.backward({
      ...inputs,
      doutput: toArray(cotangents.output!),
      dweights: toArray(cotangents.weights!),
    })
    const isLearned = options.mask === 'numbers'
    return {
      automatic: differentiate(
        { query, key, value, ...(isLearned && { mask: mask! }) },
        { ...outputs },
        cotangents,
      ),
      manual: {
        ...manual.scaledDotProductAttention.forward(inputs),
        ...found,
        ...(isLearned && { dmask: overBatch(dmask) }),
      },
      // dS = P (dP - Σ P dP) cancels where one key has nearly all the weight; dP is a product of numbers around 1.
      terms: { dquery: 1, dkey: 1, dmask: 1 },
    }
  }),
]

/** One mask for all examples collects what all of them say. */
function overBatch({ shape: [batch, n, m], data }: manual.NumericArray): manual.NumericArray {
  const sum = new Float64Array(n! * m!)
  for (let at = 0; at < batch! * sum.length; at++) sum[at % sum.length]! += data[at]!
  return manual.numericArray([n!, m!], sum)
}
