import { type Tensor, tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, probability } from '../lossTwins.ts'
import { type Twin, tenths } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('multiLabelSoftMargin', fc.option(fc.array(tenths(3), { minLength: 6, maxLength: 6 })), {
    automatic: (z, y, options, factors) => {
      const units = z.shape[options.layout === 'rows' ? 1 : 0]!
      const weight =
        factors === null ? undefined : (tensor(factors.slice(0, units), { dtype: 'float64' }) as Tensor)
      return nn.multiLabelSoftMargin(z, y, { ...options, ...(weight && { weight }) })
    },
    manual: factors => manual.multiLabelSoftMargin(factors ?? undefined),

    target: probability,
    ofExamples: true,
    takesWeights: false,
  }),
]
