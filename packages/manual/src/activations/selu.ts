import { type Activation, chainRule, mapEntries } from './activation.ts'

const LAMBDA = 1.0507009873554805
const ALPHA = 1.6732632423543772

/**
 * The scaled exponential linear unit, g(z) = λ z for z > 0, λ α (eᶻ − 1) otherwise.
 *
 *     da/dz = λ for z > 0,  λ α eᶻ for z < 0
 *
 * λ and α solve the two equations that a standard normal z gives an a of mean 0 and of variance 1 (Klambauer et al. 2017). At
 * z = 0 the smaller slope, λ, is taken.
 */
export const selu: Activation = {
  name: 'selu',
  forward: z => mapEntries(z, z => LAMBDA * (z > 0 ? z : ALPHA * Math.expm1(z))),
  backward: inputs => chainRule('selu.backward', inputs, z => LAMBDA * (z >= 0 ? 1 : ALPHA * Math.exp(z))),
}
