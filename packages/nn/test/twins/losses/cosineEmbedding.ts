import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { exampleLossTwin, normal, signs } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  exampleLossTwin('cosineEmbedding', fc.record({ margin: fc.constantFrom(-0.5, 0, 0.3) }), {
    inputs: (rng, m, n) => ({ a: normal(rng, [m, n]), b: normal(rng, [m, n]) }),
    constants: (rng, m) => ({ y: signs(rng, [m]) }),
    automatic: ({ a, b, y }, options, own) => nn.cosineEmbedding(a!, b!, y!, { ...options, ...own }),
    forward: ({ a, b, y }, own) => manual.cosineEmbedding.forward({ a: a!, b: b!, y: y!, ...own }),
    backward: ({ a, b, y }, dlosses, own) => ({
      ...manual.cosineEmbedding.backward({ a: a!, b: b!, y: y!, dlosses, ...own }),
    }),
  }),
]
