// The sinusoidal positional encoding beside its twin.
import * as manual from '@adjoint/manual'
import { SinusoidalPositionalEncoding } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const size = fc.integer({ min: 1, max: 5 })
const cases = fc.record({
  batch: fc.constantFrom(undefined, 1, 3),
  time: size,
  features: size,
  base: fc.constantFrom(10000, 10),
  offset: fc.nat(100),
  timeFirst: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/sinusoidalPositionalEncoding', cases, (options, rng) => {
    const { batch, time, features, base, offset, timeFirst } = options
    const layer = new SinusoidalPositionalEncoding(features, { base, timeFirst })
    const x = draw(rng, batch === undefined ? [time, features] : [batch, time, features])
    const isSwapped = timeFirst && batch !== undefined
    const input = isSwapped ? x.swapAxes(0, 1) : x
    const output = layer.forward({ input, offset })
    const y = isSwapped ? output.swapAxes(0, 1) : output
    const cotangents = cotangentsFor(rng, { y })
    return {
      automatic: differentiate({ x }, { y }, cotangents),
      manual: {
        y: manual.sinusoidalPositionalEncoding.forward(toArray(x), { base, offset }),
        dx: manual.sinusoidalPositionalEncoding.backward(toArray(cotangents.y!)),
      },
    }
  }),
]
