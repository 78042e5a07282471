import { type Activation, chainRule, mapEntries } from './activation.ts'

/**
 * The hyperbolic tangent, tanh z = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ) = s/c. As s' = c and c' = s,
 *
 *     da/dz = (c · c − s · s) / c² = 1 − a² = (1 − a)(1 + a)
 *
 * The factored form is the one computed: a² would be rounded before 1 − a² loses its leading digits, while 1 − a and
 * 1 + a lose none. The quotient of exponentials is ∞/∞ from z = 710 on (float32: 89); `Math.tanh` is not.
 */
export const tanh: Activation = {
  name: 'tanh',
  forward: z => mapEntries(z, Math.tanh),
  backward: inputs => chainRule('tanh.backward', inputs, (_z, a) => (1 - a) * (1 + a)),
}
