// Layer norm beside its hand-derived twin.
import { layerNorm, numericArray } from '@adjoint/manual'
import { LayerNorm } from '@adjoint/nn'
import fc from 'fast-check'
import { compareNorm, epsilon, space } from '../norms.ts'
import { type Twin, twin } from '../twin.ts'

const cases = fc.record({
  batch: space,
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
  epsilon,
  affine: fc.boolean(),
  bias: fc.boolean(),
})

export const twins: readonly Twin[] = [
  twin('layers/layerNorm', cases, ({ batch, shape, epsilon, affine, bias }, rng) => {
    const layer = new LayerNorm(shape, { dtype: 'float64', epsilon, affine, bias })
    const size = shape.reduce((product, length) => product * length, 1)
    return compareNorm(rng, [...batch, ...shape], epsilon, layer, {
      forward: inputs => layerNorm.forward({ ...inputs, size }),
      backward: inputs => {
        const { dx, dweight, dbias } = layerNorm.backward({ ...inputs, size })
        return { dx, dweight, dbias: numericArray(shape, dbias.data) }
      },
    })
  }),
]
