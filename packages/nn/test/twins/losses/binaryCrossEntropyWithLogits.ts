import { type Tensor, tensor } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, probability } from '../lossTwins.ts'
import { type Twin, tenths } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('binaryCrossEntropyWithLogits', fc.constant({}), {
    automatic: (a, y, options) => nn.binaryCrossEntropyWithLogits(a, y, options),
    manual: () => manual.binaryCrossEntropyWithLogits,

    target: probability,
  }),
  lossTwin(
    'binaryCrossEntropyWithLogits, positive weights',
    fc.array(tenths(3), { minLength: 6, maxLength: 6 }),
    {
      automatic: (z, y, options, factors) => {
        const units = z.shape[options.layout === 'rows' ? 1 : 0]!
        const shape = options.layout === 'rows' ? [units] : [units, 1]
        const positiveWeight = tensor(factors.slice(0, units), { shape, dtype: 'float64' }) as Tensor
        return nn.binaryCrossEntropyWithLogits(z, y, { ...options, positiveWeight })
      },
      manual: factors => manual.positivelyWeighted(factors),
      target: probability,
    },
  ),
]
