import { mapExamples } from '../examples.ts'
import { expectSameShape } from '../matrix.ts'
import type { Activation } from './activation.ts'
import { largestOf, softmaxOf } from './softmax.ts'

/**
 * The logarithm of the softmax over the units of an example, a_k = z_k − log Σ_j e^(z_j). The derivative of the second term
 * with respect to z_j is softmax(z)_j, so
 *
 *     ∂a_k/∂z_j = [k = j] − softmax(z)_j      dz_j = da_j − softmax(z)_j Σ_k da_k
 *
 * The largest z_k is subtracted first, so that no exponential overflows.
 */
export const logSoftmax: Activation = {
  name: 'logSoftmax',
  forward: (z, layout) =>
    mapExamples([z], layout, ([z], a) => {
      const largest = largestOf(z)
      let sum = 0
      for (const entry of z) sum += Math.exp(entry - largest)
      for (let k = 0; k < z.length; k++) a[k] = z[k]! - largest - Math.log(sum)
    }),
  backward: ({ da, z, a, layout }) => {
    expectSameShape('logSoftmax.backward', { z, a, da })
    return mapExamples([z, da], layout, ([z, da], dz) => {
      let total = 0
      for (const entry of da) total += entry
      softmaxOf(z, dz)
      for (let j = 0; j < z.length; j++) dz[j] = da[j]! - dz[j]! * total
    })
  },
}
