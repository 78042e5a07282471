import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * z where it is above a limit, a fixed value elsewhere.
 *
 *     da/dz = 1 for z > limit,  0 for z ≤ limit
 */
export function threshold(limit: number, value: number): Activation {
  return {
    name: 'threshold',
    forward: z => mapEntries(z, z => (z > limit ? z : value)),
    backward: inputs => chainRule('threshold.backward', inputs, z => (z > limit ? 1 : 0)),
  }
}
