import { type Activation, chainRule, mapEntries } from './activation.ts'
import { sigmoidOf } from './sigmoid.ts'

/**
 * The sigmoid linear unit, or swish, g(z) = z σ(z). By the product rule, with σ' = σ (1 − σ),
 *
 *     da/dz = σ(z) + z σ(z) (1 − σ(z))
 *
 * 1 − σ(z) is computed as σ(−z), which keeps its digits where σ(z) rounds to 1.
 */
export const silu: Activation = {
  name: 'silu',
  forward: z => mapEntries(z, z => z * sigmoidOf(z)),
  backward: inputs => chainRule('silu.backward', inputs, z => sigmoidOf(z) * (1 + z * sigmoidOf(-z))),
}
