/** Random convolutions: windows, channels and groups, depthwise ones among them, with batch or without. */
import fc from 'fast-check'
import { type AxisCase, windowCases } from './windowCases.ts'

/** Sizes of a convolution and of its transpose. */
export interface ConvolutionCase {
  readonly axes: readonly AxisCase[]
  /** The batch, or nothing. */
  readonly lead: readonly number[]
  readonly groups: number
  readonly inputs: number
  readonly outputs: number
  readonly bias: boolean
}

export const convolutionCases: fc.Arbitrary<ConvolutionCase> = fc
  .record({
    // Space for padding by reflection: larger than what is added.
    windows: windowCases,
    batch: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    groups: fc.integer({ min: 1, max: 3 }),
    inputs: fc.integer({ min: 1, max: 2 }),
    outputs: fc.integer({ min: 1, max: 3 }),
    bias: fc.boolean(),
  })
  .map(({ windows: { axes }, batch, groups, inputs, outputs, bias }) => ({
    axes,
    lead: batch === undefined ? [] : [batch],
    groups,
    inputs: groups * inputs,
    outputs: groups * outputs,
    bias,
  }))
