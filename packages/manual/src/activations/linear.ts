import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * No activation, g(z) = z, the output of a regression.
 *
 *     da/dz = 1
 *
 * Two linear layers are one: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + (W₂b₁ + b₂). That is why hidden layers are not linear.
 */
export const linear: Activation = {
  name: 'linear',
  forward: z => mapEntries(z, z => z),
  backward: inputs => chainRule('linear.backward', inputs, () => 1),
}
