import type { NumericArray } from '../array.ts'
import {
  momentsOf,
  type NormBackwardInputs,
  type NormForwardInputs,
  type NormGradients,
  type NormLayout,
  normBackward,
  normForward,
} from '../standardNorm.ts'

/** How many entries at the end of the array are one example: the product of the last sizes. */
export interface LayerNormSettings {
  readonly size: number
}

/** Every run of `size` entries is a group, and every place in it has a factor and an offset. */
function examplesOf({ data }: NumericArray, size: number): NormLayout {
  return {
    groupOf: Int32Array.from(data, (_, i) => Math.floor(i / size)),
    groups: data.length / size,
    placeOf: Int32Array.from(data, (_, i) => i % size),
  }
}

/**
 * Layer norm of `(...batch, ...shape)`: for the n entries x_i of one example, n the product of `shape`,
 *
 *     m = (1/n) Σ x_i     v = (1/n) Σ (x_i - m)²     y_i = γ_i (x_i - m) / √(v + ε) + β_i
 *
 * with a γ and a β for each place of the example, which collect over all examples. The way back through m and v is derived in
 * `standardNorm.ts`.
 */
export const layerNorm: {
  /** (...batch, ...shape) → the same. */
  forward(inputs: NormForwardInputs & LayerNormSettings): NumericArray
  /** From dy to dx, dγ and dβ. */
  backward(inputs: NormBackwardInputs & LayerNormSettings): NormGradients
} = {
  forward: ({ size, ...inputs }) => {
    const layout = examplesOf(inputs.x, size)
    return normForward(inputs, layout, momentsOf(inputs.x, layout))
  },

  backward: ({ size, ...inputs }) => normBackward(inputs, examplesOf(inputs.x, size)),
}
