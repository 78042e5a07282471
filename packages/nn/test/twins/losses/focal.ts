import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { bits, lossTwin, probability } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin(
    'focal',
    fc.record({ gamma: fc.constantFrom(0, 0.5, 1, 2), alpha: fc.constantFrom(0.25, 0.7, null) }),
    {
      automatic: (z, y, options, own) => nn.focal(z, y, { ...options, ...own }),
      manual: ({ gamma, alpha }) => manual.focal(gamma, alpha),

      target: (rng, shape) => (rng.uniform([]).item() > 0.5 ? bits : probability)(rng, shape),
    },
  ),
]
