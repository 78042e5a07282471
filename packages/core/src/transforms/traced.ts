/** What a trace is made of. */

import { formatShape } from '../shape/errors.ts'
import type { Attributes, Primitive } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Tracer } from '../tensor/tracer.ts'

/** A tensor of a traced function: a shape and a dtype, and where it comes from. */
export class TracedTensor extends Tracer {
  explain(): string {
    return (
      `inside of a traced function a tensor of shape ${formatShape(this.shape)} has no values yet: they come when the program runs. ` +
      'Write conditions with where, return what you want to look at and read it outside, or leave this part out of the function.'
    )
  }
}

/** One call of a primitive. Inputs are traced tensors, or ordinary ones, which are constants. */
export interface TracedCall {
  readonly primitive: Primitive
  readonly inputs: readonly Tensor[]
  readonly attributes: Attributes
  readonly output: TracedTensor
}

/** The turn of a loop, as data. Constants of it are ordinary tensors in the calls. */
export interface TracedBody {
  /** States, slices of the sequences, and tensors from outside, which stand for themselves. */
  readonly inputs: readonly TracedTensor[]
  readonly calls: readonly TracedCall[]
  /** The next states, and slices of what the loop gives. */
  readonly outputs: readonly Tensor[]
}
