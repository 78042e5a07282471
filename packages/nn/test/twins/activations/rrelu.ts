import { Rng } from '@adjoint/core'
import * as manual from '@adjoint/manual'
import { Rrelu } from '@adjoint/nn'
import type { Twin } from '../twin.ts'
import { activationTwin, shapeOf, toMatrix } from './activation.ts'

export const twins: readonly Twin[] = [
  activationTwin('Rrelu', (rng, options) => {
    const [low, high, seed] = [rng.next(), 1 + rng.next(), rng.integer(1000)]
    // The same generator draws the same slopes.
    const slopes = new Rng(seed).uniform(shapeOf(options), { low, high, dtype: 'float64' })
    return {
      automatic: z => new Rrelu({ low, high }).forward(z, { training: true, rng: new Rng(seed) }),
      manual: manual.rrelu(toMatrix(slopes)),
      kinks: [0],
    }
  }),
]
