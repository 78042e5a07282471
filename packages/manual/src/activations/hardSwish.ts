import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * z times the sigmoid in straight pieces, g(z) = z h(z) with h(z) = (z + 3)/6 held between 0 and 1.
 *
 *     da/dz = h + z h' = (z + 3)/6 + z/6 = z/3 + ½ for −3 < z < 3,  0 for z ≤ −3,  1 for z ≥ 3
 *
 * At z = −3 the slope jumps from 0 to −½, at z = 3 from 3/2 to 1; the smaller one in size is taken.
 */
export const hardSwish: Activation = {
  name: 'hardSwish',
  forward: z => mapEntries(z, z => (z * Math.min(Math.max(z + 3, 0), 6)) / 6),
  backward: inputs => chainRule('hardSwish.backward', inputs, z => (z <= -3 ? 0 : z >= 3 ? 1 : z / 3 + 0.5)),
}
