import { type Activation, chainRule, mapEntries } from './activation.ts'
import { sigmoidOf } from './sigmoid.ts'
import { softplusOf } from './softplus.ts'

/**
 * g(z) = z tanh(softplus(z)). With w = tanh(softplus(z)), softplus' = σ and tanh' = 1 − tanh²,
 *
 *     da/dz = w + z (1 − w²) σ(z)
 */
export const mish: Activation = {
  name: 'mish',
  forward: z => mapEntries(z, z => z * Math.tanh(softplusOf(z))),
  backward: inputs =>
    chainRule('mish.backward', inputs, z => {
      const w = Math.tanh(softplusOf(z))
      return w + z * (1 - w) * (1 + w) * sigmoidOf(z)
    }),
}
