import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { exampleLossTwin, normal, signs } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  exampleLossTwin('marginRanking', fc.record({ margin: fc.constantFrom(0, 0.5, 2) }), {
    inputs: (rng, m, n) => ({ a: normal(rng, [m, n]), b: normal(rng, [m, n]) }),
    constants: (rng, m, n) => ({ y: signs(rng, [m, n]) }),
    automatic: ({ a, b, y }, options, own) => nn.marginRanking(a!, b!, y!, { ...options, ...own }),
    forward: ({ a, b, y }, own) => manual.marginRanking.forward({ a: a!, b: b!, y: y!, ...own }),
    backward: ({ a, b, y }, dlosses, own) => ({
      ...manual.marginRanking.backward({ a: a!, b: b!, y: y!, dlosses, ...own }),
    }),
    turns: false,
    ofElements: true,
  }),
]
