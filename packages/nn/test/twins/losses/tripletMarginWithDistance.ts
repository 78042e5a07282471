import { norm, sub } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { exampleLossTwin, normal } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  exampleLossTwin(
    'tripletMarginWithDistance',
    fc.record({ margin: fc.constantFrom(0.5, 1, 3), swap: fc.boolean() }),
    {
      inputs: (rng, m, n) => ({
        anchor: normal(rng, [m, n]),
        positive: normal(rng, [m, n]),
        negative: normal(rng, [m, n]),
      }),
      automatic: ({ anchor, positive, negative }, options, own) =>
        nn.tripletMarginWithDistance(anchor!, positive!, negative!, {
          ...options,
          ...own,
          distance: (x, y) => norm(sub(x, y), -1, { order: 3 }),
        }),
      forward: ({ anchor, positive, negative }, own) =>
        manual.tripletMarginWithDistance(manual.normDistance({ order: 3 })).forward({
          anchor: anchor!,
          positive: positive!,
          negative: negative!,
          margin: own.margin,
          swap: own.swap,
        }),
      backward: ({ anchor, positive, negative }, dlosses, own) => ({
        ...manual.tripletMarginWithDistance(manual.normDistance({ order: 3 })).backward({
          anchor: anchor!,
          positive: positive!,
          negative: negative!,
          dlosses,
          margin: own.margin,
          swap: own.swap,
        }),
      }),
      turns: false,
    },
  ),
]
