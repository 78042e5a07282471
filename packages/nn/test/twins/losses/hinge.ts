import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, signs } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('hinge', fc.record({ margin: fc.constantFrom(0.3, 1, 2) }), {
    automatic: (a, y, options, { margin }) => nn.hinge(a, y, { ...options, margin }),
    manual: ({ margin }) => manual.hinge(margin),

    target: signs,
  }),
]
