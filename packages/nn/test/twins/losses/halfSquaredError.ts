import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('halfSquaredError', fc.constant({}), {
    automatic: (a, y, options) => nn.halfSquaredError(a, y, options),
    manual: () => manual.halfSquaredError,

    ofExamples: true,
  }),
]
