import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { exampleLossTwin, normal } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

const own = fc.record({
  temperature: fc.constantFrom(0.5, 1, 2),
  normalize: fc.boolean(),
  symmetric: fc.boolean(),
})

export const twins: readonly Twin[] = [
  exampleLossTwin('infoNCE', own, {
    inputs: (rng, m, n) => ({ queries: normal(rng, [m, n]), keys: normal(rng, [m, n]) }),
    automatic: ({ queries, keys }, options, own) => nn.infoNCE(queries!, keys!, { ...options, ...own }),
    forward: ({ queries, keys }, own) => manual.infoNCE.forward({ queries: queries!, keys: keys!, ...own }),
    backward: ({ queries, keys }, dlosses, own) => ({
      ...manual.infoNCE.backward({ queries: queries!, keys: keys!, dlosses, ...own }),
    }),
  }),
]
