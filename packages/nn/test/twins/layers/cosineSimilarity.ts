// The cosine of the angle between vectors beside the quotient rule.
import * as manual from '@adjoint/manual'
import { CosineSimilarity } from '@adjoint/nn'
import fc from 'fast-check'
import { cotangentsFor, differentiate, draw, type Twin, toArray, twin } from '../twin.ts'

const size = fc.integer({ min: 1, max: 6 })

export const twins: readonly Twin[] = [
  twin('layers/cosineSimilarity', fc.record({ m: size, n: size }), ({ m, n }, rng) => {
    const [x, y] = [draw(rng, [m, n]), draw(rng, [m, n])]
    const outputs = { s: new CosineSimilarity().forward([x, y]) }
    const cotangents = cotangentsFor(rng, outputs)
    const given = { x: toArray(x), y: toArray(y) }
    const { dx, dy } = manual.cosineSimilarity.backward({ ds: toArray(cotangents.s!), ...given })
    // Both derivatives are differences of two terms, which cancel altogether for vectors of one component.
    const largest = (a: manual.NumericArray) => Math.max(...a.data.map(Math.abs))
    const shortest = (a: manual.NumericArray) =>
      Math.min(...Array.from({ length: m }, (_, i) => Math.hypot(...a.data.subarray(i * n, (i + 1) * n))))
    const cotangent = largest(toArray(cotangents.s!))
    return {
      automatic: differentiate({ x, y }, outputs, cotangents),
      manual: { s: manual.cosineSimilarity.forward(given), dx, dy },
      // A sum of products of components of unit vectors.
      terms: { s: 1, dx: cotangent / shortest(given.x), dy: cotangent / shortest(given.y) },
    }
  }),
]
