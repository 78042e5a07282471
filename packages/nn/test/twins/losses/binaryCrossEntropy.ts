import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, probability } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('binaryCrossEntropy', fc.constant({}), {
    automatic: (a, y, options) => nn.binaryCrossEntropy(a, y, options),
    manual: () => manual.binaryCrossEntropy,
    prediction: probability,
    target: probability,
  }),
  lossTwin('binaryCrossEntropy, held logarithms', fc.record({ lowestLog: fc.constantFrom(-1, -100) }), {
    automatic: (a, y, options, { lowestLog }) => nn.binaryCrossEntropy(a, y, { ...options, lowestLog }),
    manual: ({ lowestLog }) => manual.heldBinaryCrossEntropy(lowestLog),
    prediction: probability,
    target: probability,
  }),
]
