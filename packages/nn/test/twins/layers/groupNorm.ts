// Group norm beside its hand-derived twin.
import { groupNorm } from '@adjoint/manual'
import { GroupNorm } from '@adjoint/nn'
import fc from 'fast-check'
import { compareNorm, epsilon, space } from '../norms.ts'
import { type Twin, twin } from '../twin.ts'

const size = fc.integer({ min: 1, max: 3 })
const cases = fc.record({
  batch: size,
  groups: size,
  each: size,
  space,
  epsilon,
  affine: fc.boolean(),
  bias: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/groupNorm', cases, ({ batch, groups, each, space, epsilon, affine, bias }, rng) => {
    const channels = groups * each
    const layer = new GroupNorm(groups, channels, { dtype: 'float64', epsilon, affine, bias })
    return compareNorm(rng, [batch, channels, ...space], epsilon, layer, {
      forward: inputs => groupNorm.forward({ ...inputs, groups }),
      backward: inputs => groupNorm.backward({ ...inputs, groups }),
    })
  }),
]
