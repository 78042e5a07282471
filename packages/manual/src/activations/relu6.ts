import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The rectifier that stops at 6, g(z) = min(max(0, z), 6).
 *
 *     da/dz = 1 for 0 < z < 6,  0 for z < 0 and for z > 6
 *
 * At the two corners the smallest slope, 0, is taken.
 */
export const relu6: Activation = {
  name: 'relu6',
  forward: z => mapEntries(z, z => Math.min(Math.max(0, z), 6)),
  backward: inputs => chainRule('relu6.backward', inputs, z => (z > 0 && z < 6 ? 1 : 0)),
}
