// The distance of points beside the derivative of the norm.
import * as manual from '@adjoint/manual'
import { PairwiseDistance } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const size = fc.integer({ min: 1, max: 6 })
const cases = fc.record({
  m: size,
  n: size,
  order: fc.constantFrom(1, 1.5, 2, 3),
  epsilon: fc.constantFrom(0, 1e-6, 0.1),
})

export const twins: readonly Twin[] = [
  twin('layers/pairwiseDistance', cases, ({ m, n, order, epsilon }, rng) => {
    const [x, y] = [draw(rng, [m, n]), draw(rng, [m, n])]
    const outputs = { d: new PairwiseDistance({ order, epsilon }).forward([x, y]) }
    const cotangents = cotangentsFor(rng, outputs)
    const given = { x: toArray(x), y: toArray(y), order, epsilon }
    const d = manual.pairwiseDistance.forward(given)
    const { dx, dy } = manual.pairwiseDistance.backward({ dd: toArray(cotangents.d!), d, ...given })
    return { automatic: differentiate({ x, y }, outputs, cotangents), manual: { d, dx, dy } }
  }),
]
