import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { bits, exampleLossTwin, normal } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  exampleLossTwin('contrastive', fc.record({ margin: fc.constantFrom(0.5, 1, 4) }), {
    inputs: (rng, m, n) => ({ a: normal(rng, [m, n]), b: normal(rng, [m, n]), y: bits(rng, [m]) }),

    automatic: ({ a, b, y }, options, own) => nn.contrastive(a!, b!, y!, { ...options, ...own }),
    forward: ({ a, b, y }, own) => manual.contrastive.forward({ a: a!, b: b!, y: y!, ...own }),
    backward: ({ a, b, y }, dlosses, own) => ({
      ...manual.contrastive.backward({ a: a!, b: b!, y: y!, dlosses, ...own }),
    }),
  }),
]
