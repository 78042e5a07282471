/** Which tensors a function uses that are not its arguments. */

import { type Interpreter, passOn, type Run, withInterpreter } from '../graph/interpret.ts'
import { recording, withRecording } from '../graph/record.ts'
import type { Attributes, Primitive } from '../tensor/node.ts'
import { type Tensor, viewOf } from '../tensor/tensor.ts'

/** Runs `body` without recording; returns its result and what it captured: tensors from outside that want gradients. */
export function withCaptures<Result>(body: () => Result): { result: Result; captured: Tensor[] } {
  const collector = new Collector()
  const result = withInterpreter(collector, () => withRecording(false, body))
  return { result, captured: [...collector.captured] }
}

class Collector implements Interpreter {
  readonly unrolls = false
  readonly captured: Set<Tensor> = new Set()
  /** What came into being inside: gradients that the function itself takes are its own affair. */
  readonly #made = new WeakSet<Tensor>()
  readonly #outer = recording.interpreter

  run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor {
    for (const x of inputs) if (x.requiresGrad && !this.#made.has(x)) this.captured.add(x)
    const output = passOn(this.#outer, primitive, inputs, attributes, again)
    this.#made.add(output)
    return output
  }

  hides(x: Tensor): boolean {
    return this.#outer?.hides(x) === true
  }

  lift(x: Tensor): Tensor {
    const fresh = this.#outer?.lift(x) ?? viewOf(x, x.shape, x.strides, x.offset)
    this.#made.add(fresh)
    return fresh
  }
}
