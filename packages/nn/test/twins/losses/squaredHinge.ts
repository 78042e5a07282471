import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, signs } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('squaredHinge', fc.record({ margin: fc.constantFrom(0.3, 1, 2) }), {
    automatic: (a, y, options, { margin }) => nn.squaredHinge(a, y, { ...options, margin }),
    manual: ({ margin }) => manual.squaredHinge(margin),

    target: signs,
  }),
]
