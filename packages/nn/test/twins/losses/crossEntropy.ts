import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import { classLossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  classLossTwin('crossEntropy', {
    automatic: (scores, target, options) => nn.crossEntropy(scores, target, options) as never,
    manual: manual.crossEntropy,

    smooths: true,
  }),
]
