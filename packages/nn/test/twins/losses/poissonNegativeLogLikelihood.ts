import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, probability } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin(
    'poissonNegativeLogLikelihood',
    fc.record({ logInput: fc.boolean(), full: fc.boolean(), epsilon: fc.constantFrom(1e-8, 0.1) }),
    {
      automatic: (a, y, options, own) => nn.poissonNegativeLogLikelihood(a, y, { ...options, ...own }),
      manual: own => manual.poissonNegativeLogLikelihood(own),
      prediction: probability,
      target: (rng, shape) => probability(rng, shape).mul(4),
    },
  ),
]
