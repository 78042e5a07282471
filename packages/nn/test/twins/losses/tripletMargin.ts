import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { exampleLossTwin, normal } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  exampleLossTwin(
    'tripletMargin',
    fc.record({
      margin: fc.constantFrom(0.5, 1, 3),
      swap: fc.boolean(),
      order: fc.constantFrom(1, 2, 3),
      epsilon: fc.constantFrom(0, 1e-6),
    }),
    {
      inputs: (rng, m, n) => ({
        anchor: normal(rng, [m, n]),
        positive: normal(rng, [m, n]),
        negative: normal(rng, [m, n]),
      }),
      automatic: ({ anchor, positive, negative }, options, own) =>
        nn.tripletMargin(anchor!, positive!, negative!, { ...options, ...own }),
      forward: ({ anchor, positive, negative }, own) =>
        manual.tripletMargin({ order: own.order, epsilon: own.epsilon }).forward({
          anchor: anchor!,
          positive: positive!,
          negative: negative!,
          margin: own.margin,
          swap: own.swap,
        }),
      backward: ({ anchor, positive, negative }, dlosses, own) => ({
        ...manual.tripletMargin({ order: own.order, epsilon: own.epsilon }).backward({
          anchor: anchor!,
          positive: positive!,
          negative: negative!,
          dlosses,
          margin: own.margin,
          swap: own.swap,
        }),
      }),
    },
  ),
]
