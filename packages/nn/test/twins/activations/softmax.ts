import * as manual from '@adjoint/manual'
import { Softmax } from '@adjoint/nn'
import type { Twin } from '../twin.ts'
import { activationTwin } from './activation.ts'

export const twins: readonly Twin[] = [
  activationTwin('Softmax', () => ({
    automatic: (z, layout) => new Softmax({ layout }).forward(z),
    manual: manual.softmax,
  })),
]
