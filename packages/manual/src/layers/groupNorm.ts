import type { NumericArray } from '../array.ts'
import {
  layoutOf,
  momentsOf,
  type NormBackwardInputs,
  type NormForwardInputs,
  type NormGradients,
  type NormLayout,
  normBackward,
  normForward,
} from '../standardNorm.ts'

/** How many groups the channels are split into. */
export interface GroupNormSettings {
  readonly groups: number
}

/** Neighbouring channels of one example are a group, with all their places. */
function groupsOf(x: NumericArray, groups: number): NormLayout {
  const [batch, channels] = x.shape as [number, number]
  const each = channels / groups
  return layoutOf(x, batch * groups, (example, channel) => example * groups + Math.floor(channel / each))
}

/**
 * Group norm of `(batch, channels, ...)`: the channels of each example are split into groups of neighbours; for the n entries
 * x_i of one group, over its channels and all places,
 *
 *     m = (1/n) Σ x_i     v = (1/n) Σ (x_i - m)²     y_i = γ_c (x_i - m) / √(v + ε) + β_c
 *
 * with the γ and β of the channel of the entry: they are not those of the group. The way back through m and v is derived in
 * `standardNorm.ts`.
 */
export const groupNorm: {
  /** (batch, channels, ...) → the same. */
  forward(inputs: NormForwardInputs & GroupNormSettings): NumericArray
  /** From dy to dx, dγ and dβ. */
  backward(inputs: NormBackwardInputs & GroupNormSettings): NormGradients
} = {
  forward: ({ groups, ...inputs }) => {
    const layout = groupsOf(inputs.x, groups)
    return normForward(inputs, layout, momentsOf(inputs.x, layout))
  },

  backward: ({ groups, ...inputs }) => normBackward(inputs, groupsOf(inputs.x, groups)),
}
