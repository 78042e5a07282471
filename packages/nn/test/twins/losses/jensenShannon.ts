import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { distribution, lossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('jensenShannon', fc.constant({}), {
    automatic: (a, y, options) => nn.jensenShannon(a, y, options),
    manual: () => manual.jensenShannon,
    prediction: distribution,
    target: distribution,
    ofExamples: true,
  }),
]
