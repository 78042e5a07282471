// Rotary embedding beside its hand-derived twin.
import * as manual from '@adjoint/manual'
import { rotaryEmbedding } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
  time: fc.integer({ min: 1, max: 5 }),
  half: fc.integer({ min: 1, max: 3 }),
  base: fc.constantFrom(10000, 10),
  offset: fc.integer({ min: 0, max: 100 }),
  pairs: fc.constantFrom('neighbours' as const, 'halves' as const),
})

export const twins: readonly Twin[] = [
  twin('layers/rotaryEmbedding', cases, ({ shape, time, half, ...settings }, rng) => {
    const x = draw(rng, [...shape, time, 2 * half])
    const y = rotaryEmbedding(x, settings)
    const cotangents = cotangentsFor(rng, { y })
    return {
      automatic: differentiate({ x }, { y }, cotangents),
      manual: {
        y: manual.rotaryEmbedding.forward(toArray(x), settings),
        dx: manual.rotaryEmbedding.backward(toArray(cotangents.y!), settings),
      },
    }
  }),
]
