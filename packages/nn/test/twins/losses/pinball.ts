import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('pinball', fc.record({ quantile: fc.constantFrom(0.1, 0.5, 0.9) }), {
    automatic: (a, y, options, { quantile }) => nn.pinball(a, y, { ...options, quantile }),
    manual: ({ quantile }) => manual.pinball(quantile),
  }),
]
