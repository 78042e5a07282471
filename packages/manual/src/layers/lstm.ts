import type { NumericArray } from '../array.ts'
import { lstmStep } from './lstmCell.ts'
import {
  type RecurrentGradients,
  type RecurrentInputs,
  type RecurrentOutputs,
  sequenceBackward,
  sequenceForward,
} from './recurrent.ts'

/** What `lstm.forward` takes; states are listed: h, c. */
export type LSTMInputs = RecurrentInputs

/**
 * Long short-term memory over sequences, layers on top of each other, in one direction or both. The step is derived at `lstmStep`,
 * the way back through the steps at `sequenceBackward`.
 */
export const lstm: {
  /** The output at every step (batch, time, directions · size), and the states at the ends (cells, batch, size). */
  forward(inputs: LSTMInputs): RecurrentOutputs
  /** From the derivatives by output and last states to those by x, first states and all weights. */
  backward(
    inputs: LSTMInputs & { readonly dOutput: NumericArray; readonly dEnds: readonly NumericArray[] },
  ): RecurrentGradients
} = {
  forward: inputs => sequenceForward(lstmStep, inputs),
  backward: ({ dOutput, dEnds, ...inputs }) => sequenceBackward(lstmStep, inputs, dOutput, dEnds),
}
