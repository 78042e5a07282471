import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * g(z) = z / (1 + |z|). For z > 0 the quotient rule gives ((1 + z) − z) / (1 + z)², for z < 0 the same with −z:
 *
 *     da/dz = 1 / (1 + |z|)²
 */
export const softsign: Activation = {
  name: 'softsign',
  forward: z => mapEntries(z, z => z / (1 + Math.abs(z))),
  backward: inputs => chainRule('softsign.backward', inputs, z => 1 / (1 + Math.abs(z)) ** 2),
}
