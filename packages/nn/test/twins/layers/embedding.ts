// The table of vectors beside its hand-derived twin, with its two gradients that are no derivatives.
import { randomIntegers } from '@adjoint/core'
import { embedding } from '@adjoint/manual'
import { Embedding } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc.record({
  n: fc.integer({ min: 1, max: 5 }),
  dimensions: fc.integer({ min: 1, max: 4 }),
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
  padding: fc.option(fc.nat(4)),
  scaleGradientByFrequency: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/embedding', cases, ({ n, dimensions, shape, padding, scaleGradientByFrequency }, rng) => {
    const paddingIndex = padding === null ? null : padding % n
    const options = { paddingIndex, scaleGradientByFrequency }
    const layer = Embedding.fromPretrained(draw(rng, [n, dimensions]), { ...options, freeze: false })
    const indices = randomIntegers(rng, shape, { high: n })
    const y = layer.forward(indices)
    const { weight } = layer
    const cotangents = cotangentsFor(rng, { y })
    const given = { weight: toArray(weight), indices: { shape, data: indices.data() } }
    return {
      automatic: differentiate({ weight }, { y }, cotangents),
      manual: {
        y: embedding.forward(given),
        dweight: embedding.backward({ ...given, ...options, dy: toArray(cotangents.y!) }),
      },
      // Cotangents of places with the same row may cancel; they are of the size of standard normal numbers.
      terms: { dweight: 1 },
    }
  }),
]
