import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The leaky rectifier with slope ε, by default 0.01: g(z) = z for z > 0, ε z otherwise.
 *
 *     da/dz = 1 for z > 0,  ε for z < 0
 *
 * The lecture writes max(ε z, z), which is the same for ε ≤ 1 only. At z = 0 the derivative is taken as ε.
 */
export function leakyRelu(slope: number = 0.01): Activation {
  return {
    name: 'leakyRelu',
    forward: z => mapEntries(z, z => (z > 0 ? z : slope * z)),
    backward: inputs => chainRule('leakyRelu.backward', inputs, z => (z > 0 ? 1 : slope)),
  }
}
