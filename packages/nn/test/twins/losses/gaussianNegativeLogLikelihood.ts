import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { exampleLossTwin, normal, probability } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

const own = fc.record({ full: fc.boolean(), epsilon: fc.constantFrom(1e-6, 0.5) })

export const twins: readonly Twin[] = [
  exampleLossTwin('gaussianNegativeLogLikelihood', own, {
    inputs: (rng, m, n) => ({
      a: normal(rng, [m, n]),
      y: normal(rng, [m, n]),
      variance: probability(rng, [m, n]),
    }),
    automatic: ({ a, y, variance }, options, own) =>
      nn.gaussianNegativeLogLikelihood(a!, y!, variance!, { ...options, ...own }),
    forward: ({ a, y, variance }, own) =>
      manual.gaussianNegativeLogLikelihood.forward({ a: a!, y: y!, variance: variance!, ...own }),
    backward: ({ a, y, variance }, dlosses, own) => ({
      ...manual.gaussianNegativeLogLikelihood.backward({
        a: a!,
        y: y!,
        variance: variance!,
        dlosses,
        ...own,
      }),
    }),
    turns: false,
    ofElements: true,
  }),
]
