import type { NumericArray } from '../array.ts'
import { gruStep } from './gruCell.ts'
import {
  type RecurrentGradients,
  type RecurrentInputs,
  type RecurrentOutputs,
  sequenceBackward,
  sequenceForward,
} from './recurrent.ts'

/** What `gru.forward` takes; states are listed: h. */
export interface GRUInputs extends RecurrentInputs {
  /** The variant, see `gruStep`. */
  readonly resetAfter: boolean
}

/**
 * Gated recurrent units over sequences, layers on top of each other, in one direction or both. The step is derived at `gruStep`,
 * the way back through the steps at `sequenceBackward`.
 */
export const gru: {
  /** The output at every step (batch, time, directions · size), and the states at the ends (cells, batch, size). */
  forward(inputs: GRUInputs): RecurrentOutputs
  /** From the derivatives by output and last states to those by x, first states and all weights. */
  backward(
    inputs: GRUInputs & { readonly dOutput: NumericArray; readonly dEnds: readonly NumericArray[] },
  ): RecurrentGradients
} = {
  forward: ({ resetAfter, ...inputs }) => sequenceForward(gruStep(resetAfter), inputs),
  backward: ({ dOutput, dEnds, resetAfter, ...inputs }) =>
    sequenceBackward(gruStep(resetAfter), inputs, dOutput, dEnds),
}
