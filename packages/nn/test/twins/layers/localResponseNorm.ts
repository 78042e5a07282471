// Local response norm beside its hand-derived twin.
import { localResponseNorm } from '@adjoint/manual'
import { LocalResponseNorm } from '@adjoint/nn'
import fc from 'fast-check'
import { space } from '../norms.ts'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const positive = fc.double({ min: 0.1, max: 2, noNaN: true })
const cases = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 6 }),
  space,
  size: fc.integer({ min: 1, max: 7 }),
  alpha: positive,
  beta: positive,
  k: positive,
})

export const twins: readonly Twin[] = [
  twin('layers/localResponseNorm', cases, ({ batch, channels, space, size, ...settings }, rng) => {
    const x = draw(rng, [batch, channels, ...space])
    const y = new LocalResponseNorm(size, settings).forward(x)
    const cotangents = cotangentsFor(rng, { y })
    const given = { x: toArray(x), size, ...settings }
    return {
      automatic: differentiate({ x }, { y }, cotangents),
      manual: {
        y: localResponseNorm.forward(given),
        dx: localResponseNorm.backward({ ...given, dy: toArray(cotangents.y!) }),
      },
    }
  }),
]
