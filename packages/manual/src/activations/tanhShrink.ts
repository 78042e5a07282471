import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * What tanh leaves of z, g(z) = z − tanh z.
 *
 *     da/dz = 1 − (1 − tanh² z) = tanh² z
 */
export const tanhShrink: Activation = {
  name: 'tanhShrink',
  forward: z => mapEntries(z, z => z - Math.tanh(z)),
  backward: inputs => chainRule('tanhShrink.backward', inputs, z => Math.tanh(z) ** 2),
}
