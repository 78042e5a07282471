import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, probability } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin(
    'tversky',
    fc.record({
      alpha: fc.constantFrom(0.2, 0.5, 1),
      beta: fc.constantFrom(0.3, 0.5, 2),
      smoothing: fc.constantFrom(0, 1),
    }),
    {
      automatic: (a, y, options, own) => nn.tversky(a, y, { ...options, ...own }),
      manual: own => manual.tversky(own),
      prediction: probability,
      target: probability,
      ofExamples: true,
    },
  ),
]
