import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('smoothL1', fc.record({ beta: fc.constantFrom(0, 0.5, 1, 2) }), {
    automatic: (a, y, options, { beta }) => nn.smoothL1(a, y, { ...options, beta }),
    manual: ({ beta }) => manual.smoothL1(beta),
  }),
]
