import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('huber', fc.record({ delta: fc.constantFrom(0.5, 1, 2) }), {
    automatic: (a, y, options, { delta }) => nn.huber(a, y, { ...options, delta }),
    manual: ({ delta }) => manual.huber(delta),
  }),
]
