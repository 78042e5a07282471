import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import { classLossTwin, distribution } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  classLossTwin('categoricalCrossEntropy', {
    automatic: (scores, target, options) => nn.categoricalCrossEntropy(scores, target, options) as never,
    manual: manual.categoricalCrossEntropy,
    scores: distribution,
    smooths: true,
  }),
]
