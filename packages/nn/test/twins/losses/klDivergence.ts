import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, probability } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('klDivergence', fc.constant({}), {
    automatic: (x, y, options) => nn.klDivergence(x, y, options),
    manual: () => manual.klDivergence(),

    target: probability,
  }),
  lossTwin('klDivergence of logarithms', fc.constant({}), {
    automatic: (x, y, options) => nn.klDivergence(x, y, { ...options, logTarget: true }),
    manual: () => manual.klDivergence(true),
  }),
]
