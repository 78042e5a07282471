import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * z, but 0 where |z| ≤ λ.
 *
 *     da/dz = 1 for |z| > λ,  0 for |z| < λ
 *
 * At |z| = λ the function jumps; its slope on the side of its value, 0, is taken.
 */
export function hardShrink(lambda: number = 0.5): Activation {
  return {
    name: 'hardShrink',
    forward: z => mapEntries(z, z => (Math.abs(z) > lambda ? z : 0)),
    backward: inputs => chainRule('hardShrink.backward', inputs, z => (Math.abs(z) > lambda ? 1 : 0)),
  }
}
