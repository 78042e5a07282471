import { mapExamples } from '../examples.ts'
import { expectSameShape } from '../matrix.ts'
import type { Activation } from './activation.ts'

/**
 * The nearest distribution to z, a = argmin over the simplex of ½ |p − z|² (Martins and Astudillo 2016). The multiplier of
 * Σ p = 1 is τ, and p ≥ 0 holds the others at 0:
 *
 *     a_k = max(z_k − τ, 0),     τ = (Σ_{k ∈ S} z_k − 1) / |S|,     S = { k : a_k > 0 }
 *
 * As long as S does not change, a is linear in z on S, ∂a_k/∂z_j = [k = j] − 1/|S| for k, j ∈ S, and 0 elsewhere:
 *
 *     dz_j = da_j − (1/|S|) Σ_{k ∈ S} da_k   for j ∈ S,  0 otherwise
 *
 * S is found from the largest downwards: k belongs to it while 1 + k z_(k) is more than the sum of the first k.
 */
export const sparsemax: Activation = {
  name: 'sparsemax',
  forward: (z, layout) =>
    mapExamples([z], layout, ([z], a) => {
      const sorted = Float64Array.from(z).sort().reverse()
      let [sum, tau] = [0, 0]
      for (let k = 0; k < sorted.length; k++) {
        if (1 + (k + 1) * sorted[k]! <= sum + sorted[k]!) break
        sum += sorted[k]!
        tau = (sum - 1) / (k + 1)
      }
      for (let k = 0; k < z.length; k++) a[k] = Math.max(z[k]! - tau, 0)
    }),
  backward: ({ da, z, a, layout }) => {
    expectSameShape('sparsemax.backward', { z, a, da })
    return mapExamples([a, da], layout, ([a, da], dz) => {
      let [sum, size] = [0, 0]
      for (let k = 0; k < a.length; k++) {
        if (a[k]! > 0) {
          sum += da[k]!
          size++
        }
      }
      for (let j = 0; j < a.length; j++) dz[j] = a[j]! > 0 ? da[j]! - sum / size : 0
    })
  },
}
