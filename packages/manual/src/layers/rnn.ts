import type { NumericArray } from '../array.ts'
import {
  type RecurrentGradients,
  type RecurrentInputs,
  type RecurrentOutputs,
  sequenceBackward,
  sequenceForward,
} from './recurrent.ts'
import { rnnStep } from './rnnCell.ts'

/** What `rnn.forward` takes; states are listed: h. */
export interface RNNInputs extends RecurrentInputs {
  readonly nonlinearity: 'tanh' | 'relu'
}

/**
 * A simple recurrent network over sequences, layers on top of each other, in one direction or both. The step is derived at `rnnStep`,
 * the way back through the steps at `sequenceBackward`.
 */
export const rnn: {
  /** The output at every step (batch, time, directions · size), and the states at the ends (cells, batch, size). */
  forward(inputs: RNNInputs): RecurrentOutputs
  /** From the derivatives by output and last states to those by x, first states and all weights. */
  backward(
    inputs: RNNInputs & { readonly dOutput: NumericArray; readonly dEnds: readonly NumericArray[] },
  ): RecurrentGradients
} = {
  forward: ({ nonlinearity, ...inputs }) => sequenceForward(rnnStep(nonlinearity), inputs),
  backward: ({ dOutput, dEnds, nonlinearity, ...inputs }) =>
    sequenceBackward(rnnStep(nonlinearity), inputs, dOutput, dEnds),
}
