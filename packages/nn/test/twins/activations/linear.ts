import * as manual from '@adjoint/manual'
import { linear } from '@adjoint/nn'
import type { Twin } from '../twin.ts'
import { activationTwin } from './activation.ts'

export const twins: readonly Twin[] = [
  activationTwin('linear', () => ({ automatic: z => linear(z), manual: manual.linear })),
]
