import * as manual from '@adjoint/manual'
import * as nn from '@adjoint/nn'
import fc from 'fast-check'
import { lossTwin, signs } from '../lossTwins.ts'
import type { Twin } from '../twin.ts'

export const twins: readonly Twin[] = [
  lossTwin('softMargin', fc.constant({}), {
    automatic: (a, y, options) => nn.softMargin(a, y, options),
    manual: () => manual.softMargin,

    target: signs,
  }),
]
