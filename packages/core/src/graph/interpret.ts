/** How a transform takes part in every op that a function runs. */

import type { Attributes, Primitive } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { recording } from './record.ts'

/** `apply` or `runUnrecorded`: how a primitive was called, and how to call it one level further out. */
export type Run = (primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes) => Tensor

/** A loop of `scan`, for interpreters that do not simply run it. Tensors are listed: states first, then sequences or outputs. */
export interface LoopCall {
  readonly length: number
  /** Whether it goes from the last slice of the sequences to the first. */
  readonly reverse: boolean
  /** What is kept for gradients: all that they read, or the states, from which every step is computed again. */
  readonly keep: 'steps' | 'states'
  /** Number of states. */
  readonly states: number
  /** The first states and the sequences. */
  readonly given: readonly Tensor[]
  /** One step: from states and slices to the next states and slices of the outputs. */
  step(given: readonly Tensor[]): readonly Tensor[]
  /** All steps, one after the other: from first states and sequences to last states and outputs. */
  run(given: readonly Tensor[]): readonly Tensor[]
}

/**
 * A transform at work: it sees every op before the kernel does. Interpreters nest; each one hands ops on to the one
 * outside of it. A result is always a fresh tensor, for the caller may leave a node on it.
 */
export interface Interpreter {
  /** The transform whose tensors have no meaning outside of it; none when the tensors are ordinary ones. */
  readonly transform?: string
  /** Whether `checkpoint` and `scan` simply run inside: nothing is kept there, or every op is to be seen. */
  readonly unrolls: boolean
  /** The result of an op; `again` runs it, or other ops, outside of this interpreter with `outside`. */
  run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor
  /** A fresh tensor with the value of `x` that belongs to this interpreter: something to differentiate with respect to. */
  lift(x: Tensor): Tensor
  /** The outermost tensor that `x` stands for; `x` itself when it stands for none. */
  source(x: Tensor): Tensor
  /** Whether gradients are wanted of something further out that `x` stands for. */
  hides(x: Tensor): boolean
  /** The last states and the outputs of a loop that is kept as one; `undefined` when it is to run step by step. */
  loop?(call: LoopCall): readonly Tensor[] | undefined
}

/** Whether gradients are wanted of a tensor: of itself, or of something further out that it stands for. */
export function isRecorded(x: Tensor, interpreter: Interpreter | undefined): boolean {
  return x.requiresGrad || interpreter?.hides(x) === true
}

/** Runs `body` with another interpreter, and restores the present one, also when `body` throws. */
export function withInterpreter<Result>(interpreter: Interpreter | undefined, body: () => Result): Result {
  const previous = recording.interpreter
  recording.interpreter = interpreter
  try {
    return body()
  } finally {
    recording.interpreter = previous
  }
}

/** What happens to an op that an interpreter has no business with: the next one outside runs it, in the end the kernel. */
export function passOn(
  outer: Interpreter | undefined,
  primitive: Primitive,
  inputs: readonly Tensor[],
  attributes: Attributes,
  again: Run,
): Tensor {
  // A kernel that is made of ops, that of a custom function, is no part of what an interpreter looks at.
  const previous = recording.interpreter
  recording.interpreter = outer
  try {
    return outer === undefined
      ? primitive.forward(inputs, attributes)
      : outer.run(primitive, inputs, attributes, again)
  } finally {
    recording.interpreter = previous
  }
}

/** Whether a transform takes part in ops at present. */
export function isInterpreted(): boolean {
  return recording.interpreter !== undefined
}
