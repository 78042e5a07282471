import { mapExamples } from '../examples.ts'
import { expectSameShape } from '../matrix.ts'
import type { Activation } from './activation.ts'

/**
 * The softmax over the units of an example, a_k = e^(z_k) / Σ_j e^(z_j). From log a_k = z_k − log Σ_j e^(z_j),
 *
 *     ∂ log a_k / ∂z_j = [k = j] − a_j     so     ∂a_k/∂z_j = a_k ([k = j] − a_j)
 *
 * and the product with the whole Jacobian, which is symmetric, needs one sum per example:
 *
 *     dz_j = Σ_k da_k a_k ([k = j] − a_j) = a_j (da_j − Σ_k a_k da_k)
 *
 * Adding a number to all z_k changes nothing; the largest z_k is subtracted, so that no exponential overflows.
 */
export const softmax: Activation = {
  name: 'softmax',
  forward: (z, layout) =>
    mapExamples([z], layout, ([z], a) => {
      softmaxOf(z, a)
    }),
  backward: ({ da, z, a, layout }) => {
    expectSameShape('softmax.backward', { z, a, da })
    return mapExamples([a, da], layout, ([a, da], dz) => {
      let mean = 0
      for (let k = 0; k < a.length; k++) mean += a[k]! * da[k]!
      for (let j = 0; j < a.length; j++) dz[j] = a[j]! * (da[j]! - mean)
    })
  },
}

/** The softmax of one example, written to `a`. */
export function softmaxOf(z: Float64Array, a: Float64Array): void {
  const largest = largestOf(z)
  let sum = 0
  for (let k = 0; k < z.length; k++) {
    a[k] = Math.exp(z[k]! - largest)
    sum += a[k]!
  }
  for (let k = 0; k < z.length; k++) a[k] = a[k]! / sum
}

/** max_k z_k, NaN when one of them is. */
export function largestOf(z: Float64Array): number {
  let largest = -Infinity
  for (const entry of z) largest = Math.max(largest, entry)
  return largest
}
