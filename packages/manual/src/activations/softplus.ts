import { type Activation, chainRule, mapEntries } from './activation.ts'
import { sigmoidOf } from './sigmoid.ts'

/**
 * The smooth rectifier, g(z) = log(1 + eᶻ).
 *
 *     da/dz = eᶻ / (1 + eᶻ) = σ(z)
 *
 * For z > 0 it is z + log(1 + e⁻ᶻ), in which no exponential overflows.
 */
export const softplus: Activation = {
  name: 'softplus',
  forward: z => mapEntries(z, softplusOf),
  backward: inputs => chainRule('softplus.backward', inputs, z => sigmoidOf(z)),
}

/** log(1 + eᶻ) of one number. */
export function softplusOf(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))
}
