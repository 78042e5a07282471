import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import { classLossTwin } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  classLossTwin('negativeLogLikelihood', {
    automatic: (scores, target, options) => nn.negativeLogLikelihood(scores, target, options) as never,
    manual: manual.negativeLogLikelihood,

    smooths: false,
  }),
]
