import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The rectifier, g(z) = max(0, z).
 *
 *     da/dz = 1 for z > 0,  0 for z < 0
 *
 * At z = 0 every number in [0, 1] is a subgradient; the smallest, 0, is taken.
 */
export const relu: Activation = {
  name: 'relu',
  forward: z => mapEntries(z, z => Math.max(0, z)),
  backward: inputs => chainRule('relu.backward', inputs, z => (z > 0 ? 1 : 0)),
}
