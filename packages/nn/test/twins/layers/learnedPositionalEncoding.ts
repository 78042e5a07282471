// Learned positions beside their twin.
import * as manual from '@adjoint/manual'
import { LearnedPositionalEncoding } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const size = fc.integer({ min: 1, max: 5 })
const cases = fc.record({
  batch: fc.constantFrom(undefined, 1, 3),
  time: size,
  features: size,
  more: fc.nat(3),
  offset: fc.nat(4),
  timeFirst: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/learnedPositionalEncoding', cases, (options, rng) => {
    const { batch, time, features, more, offset, timeFirst } = options
    const layer = new LearnedPositionalEncoding(offset + time + more, features, {
      timeFirst,
      rng,
      dtype: 'float64',
    })
    const x = draw(rng, batch === undefined ? [time, features] : [batch, time, features])
    const isSwapped = timeFirst && batch !== undefined
    const output = layer.forward({ input: isSwapped ? x.swapAxes(0, 1) : x, offset })
    const y = isSwapped ? output.swapAxes(0, 1) : output
    const cotangents = cotangentsFor(rng, { y })
    const weight = layer.weight
    const { dx, dweight } = manual.learnedPositionalEncoding.backward(
      toArray(cotangents.y!),
      toArray(weight),
      offset,
    )
    return {
      automatic: differentiate({ x, weight }, { y }, cotangents),
      manual: {
        y: manual.learnedPositionalEncoding.forward(toArray(x), toArray(weight), offset),
        dx,
        dweight,
      },
    }
  }),
]
