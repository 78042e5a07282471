import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The exponential linear unit with slope 1 at 0 for every α: g(z) = z for z > 0, α (e^(z/α) − 1) otherwise. The α in front and
 * the 1/α from inside cancel:
 *
 *     da/dz = 1 for z > 0,  e^(z/α) for z ≤ 0
 */
export function celu(alpha: number = 1): Activation {
  return {
    name: 'celu',
    forward: z => mapEntries(z, z => (z > 0 ? z : alpha * Math.expm1(z / alpha))),
    backward: inputs => chainRule('celu.backward', inputs, z => (z > 0 ? 1 : Math.exp(z / alpha))),
  }
}
