import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * z moved towards 0 by λ, and 0 where |z| ≤ λ.
 *
 *     da/dz = 1 for |z| > λ,  0 for |z| < λ
 *
 * It is the minimum over a of ½ (a − z)² + λ |a|. At |z| = λ the smallest slope, 0, is taken.
 */
export function softShrink(lambda: number = 0.5): Activation {
  return {
    name: 'softShrink',
    forward: z => mapEntries(z, z => Math.sign(z) * Math.max(Math.abs(z) - lambda, 0)),
    backward: inputs => chainRule('softShrink.backward', inputs, z => (Math.abs(z) > lambda ? 1 : 0)),
  }
}
