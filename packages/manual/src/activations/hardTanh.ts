import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * z held between two bounds, by default −1 and 1.
 *
 *     da/dz = 1 for low < z < high,  0 for z < low and for z > high
 *
 * At the two corners the smallest slope, 0, is taken.
 */
export function hardTanh(low: number = -1, high: number = 1): Activation {
  return {
    name: 'hardTanh',
    forward: z => mapEntries(z, z => Math.min(Math.max(z, low), high)),
    backward: inputs => chainRule('hardTanh.backward', inputs, z => (z > low && z < high ? 1 : 0)),
  }
}
