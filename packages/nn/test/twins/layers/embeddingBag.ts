// Bags of vectors beside their hand-derived twin: both forms of input, every mode, factors, padding.
import { randomIntegers, type Tensor, tensor } from '@adjoint/core'
import { embeddingBag } from '@adjoint/manual'
import { EmbeddingBag } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc.record({
  n: fc.integer({ min: 1, max: 5 }),
  dimensions: fc.integer({ min: 1, max: 4 }),
  lengths: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
  square: fc.boolean(),
  mode: fc.constantFrom('sum', 'mean', 'max'),
  weighted: fc.boolean(),
  padding: fc.option(fc.nat(4)),
  scaleGradientByFrequency: fc.boolean(),
  includeLastOffset: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/embeddingBag', cases, ({ n, dimensions, square, mode, padding, ...others }, rng) => {
    const { weighted, scaleGradientByFrequency, includeLastOffset } = others
    const paddingIndex = padding === null ? null : padding % n
    const lengths = square ? others.lengths.map(() => others.lengths[0]!) : others.lengths
    const total = lengths.reduce((sum, length) => sum + length, 0)
    const offsets = lengths.map((_, b) => lengths.slice(0, b).reduce((sum, length) => sum + length, 0))
    const options = { mode, paddingIndex, scaleGradientByFrequency }
    const layer = EmbeddingBag.fromPretrained(draw(rng, [n, dimensions]), {
      ...options,
      includeLastOffset,
      freeze: false,
    })
    const shape = square ? [lengths.length, lengths[0]!] : [total]
    const indices: Tensor = randomIntegers(rng, shape, { high: n })
    const perSampleWeights = weighted && mode === 'sum' ? draw(rng, shape) : undefined
    const ends = includeLastOffset ? [...offsets, total] : offsets
    const y = layer.forward({
      indices,
      ...(!square && { offsets: tensor(ends, { dtype: 'int32' }) }),
      ...(perSampleWeights && { perSampleWeights }),
    })
    const { weight } = layer
    const cotangents = cotangentsFor(rng, { y })
    const given = {
      ...options,
      weight: toArray(weight),
      indices: indices.data(),
      offsets,
      perSampleWeights: perSampleWeights && toArray(perSampleWeights),
    }
    const dy = toArray(cotangents.y!)
    return {
      automatic: differentiate({ weight, ...(perSampleWeights && { perSampleWeights }) }, { y }, cotangents),
      manual: { y: embeddingBag.forward(given), ...embeddingBag.backward({ ...given, dy }) },
      // Rows and cotangents that are added may cancel; they are of the size of standard normal numbers.
      terms: { y: 1, dweight: 1, dperSampleWeights: 1 },
    }
  }),
]
