import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The sigmoid in straight pieces, g(z) = (z + 3)/6 held between 0 and 1.
 *
 *     da/dz = 1/6 for −3 < z < 3,  0 outside
 *
 * At the two corners the smallest slope, 0, is taken.
 */
export const hardSigmoid: Activation = {
  name: 'hardSigmoid',
  forward: z => mapEntries(z, z => Math.min(Math.max(z + 3, 0), 6) / 6),
  backward: inputs => chainRule('hardSigmoid.backward', inputs, z => (z > -3 && z < 3 ? 1 / 6 : 0)),
}
