import { type Activation, chainRule, mapEntries } from './activation.ts'
import { sigmoidOf } from './sigmoid.ts'
import { softplusOf } from './softplus.ts'

/**
 * The logarithm of the sigmoid, g(z) = log σ(z) = −log(1 + e⁻ᶻ) = −softplus(−z).
 *
 *     da/dz = σ(−z) = 1 − σ(z)
 */
export const logSigmoid: Activation = {
  name: 'logSigmoid',
  forward: z => mapEntries(z, z => -softplusOf(-z)),
  backward: inputs => chainRule('logSigmoid.backward', inputs, z => sigmoidOf(-z)),
}
