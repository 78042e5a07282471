/** Interpreters that look on and change nothing. */

import { type Interpreter, passOn, type Run } from '../graph/interpret.ts'
import { recording } from '../graph/record.ts'
import type { Attributes, Primitive } from '../tensor/node.ts'
import { sameView, type Tensor } from '../tensor/tensor.ts'

/** Sees every op with its result; whatever is further out runs it. */
export abstract class Observer implements Interpreter {
  abstract readonly unrolls: boolean
  readonly #outer = recording.interpreter

  abstract see(primitive: Primitive, inputs: readonly Tensor[], output: Tensor): void

  run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor {
    const output = passOn(this.#outer, primitive, inputs, attributes, again)
    this.see(primitive, inputs, output)
    return output
  }

  lift(x: Tensor): Tensor {
    return this.#outer?.lift(x) ?? sameView(x)
  }

  source(x: Tensor): Tensor {
    return this.#outer?.source(x) ?? x
  }

  hides(x: Tensor): boolean {
    return this.#outer?.hides(x) === true
  }
}
