import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, probability } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('dice', fc.constantFrom(0, 0.5, 1), {
    automatic: (a, y, options, smoothing) => nn.dice(a, y, { ...options, smoothing }),
    manual: smoothing => manual.dice(smoothing),
    prediction: probability,
    target: probability,
    ofExamples: true,
  }),
]
