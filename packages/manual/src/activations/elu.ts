import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The exponential linear unit: g(z) = z for z > 0, α (eᶻ − 1) otherwise, by default with α = 1.
 *
 *     da/dz = 1 for z > 0,  α eᶻ for z < 0
 *
 * At z = 0 the two meet for α = 1; otherwise the smaller of 1 and α is taken.
 */
export function elu(alpha: number = 1): Activation {
  return {
    name: 'elu',
    forward: z => mapEntries(z, z => (z > 0 ? z : alpha * Math.expm1(z))),
    backward: inputs =>
      chainRule('elu.backward', inputs, z => (z > 0 ? 1 : z < 0 ? alpha * Math.exp(z) : Math.min(1, alpha))),
  }
}
