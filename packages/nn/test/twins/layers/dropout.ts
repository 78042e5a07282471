// Dropout beside its hand-derived twin, with the same mask.
import { dropoutMask, Rng } from '@adjoint/core'
import { dropout } from '@adjoint/manual'
import { Dropout } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, tenths, toArray, twin } from '../twin.ts'

const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }),
  rate: tenths(0.9),
  seed: fc.nat(),
})

export const twins: readonly Twin[] = [
  twin('layers/dropout', cases, ({ shape, rate, seed }, rng) => {
    const x = draw(rng, shape)
    const y = new Dropout(rate).forward(x, { training: true, rng: new Rng(seed) })
    // The layer draws one number for each entry of this mask, in this order.
    const mask = dropoutMask(new Rng(seed), shape, rate)
    const given = { stays: Array.from(mask.data(), value => value > 0), rate }
    const cotangents = cotangentsFor(rng, { y })
    return {
      automatic: differentiate({ x }, { y }, cotangents),
      manual: {
        y: dropout.forward({ ...given, x: toArray(x) }),
        dx: dropout.backward({ ...given, dy: toArray(cotangents.y!) }),
      },
    }
  }),
]
