// The bias of attention with linear biases beside the one written from the paper.
import * as manual from '@adjoint/manual'
import { alibiBias } from '@adjoint/nn'
import fc from 'fast-check'
import { type Twin, twin } from '../twin.ts'

const size = fc.integer({ min: 1, max: 5 })
const cases = fc.record({ heads: fc.integer({ min: 1, max: 20 }), n: size, m: size, offset: fc.nat(4) })

export const twins: readonly Twin[] = [
  twin('layers/alibiBias', cases, ({ heads, n, m, offset }) => ({
    automatic: { bias: alibiBias(heads, n, m, { queryOffset: offset, dtype: 'float64' }) },
    manual: { bias: manual.alibiBias(heads, n, m, offset) },
  })),
]
