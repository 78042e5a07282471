import * as manual from '@adjoint/manual'
import { LeakyRelu } from '@adjoint/nn'
import type { Twin } from '../twin.ts'
import { activationTwin } from './activation.ts'

export const twins: readonly Twin[] = [
  activationTwin('LeakyRelu', rng => {
    const slope = rng.next() * 1.5
    const layer = new LeakyRelu(slope)
    return { automatic: z => layer.forward(z), manual: manual.leakyRelu(slope), kinks: [0] }
  }),
]
