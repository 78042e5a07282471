// RMS norm beside its hand-derived twin.
import { rmsNorm } from '@adjoint/manual'
import { RMSNorm } from '@adjoint/nn'
import fc from 'fast-check'
import { compareNorm, epsilon, space } from '../norms.ts'
import { type Twin, twin } from '../twin.ts'

const cases = fc.record({
  batch: space,
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  epsilon,
  affine: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/rmsNorm', cases, ({ batch, shape, epsilon, affine }, rng) => {
    const layer = new RMSNorm(shape, { dtype: 'float64', epsilon, affine })
    const size = shape.reduce((product, length) => product * length, 1)
    return compareNorm(rng, [...batch, ...shape], epsilon, layer, {
      forward: inputs => rmsNorm.forward({ ...inputs, size }),
      backward: inputs => rmsNorm.backward({ ...inputs, size }),
    })
  }),
]
