/** The one function through which every op goes. */

import { assignmentClock } from '../storage/version.ts'
import type { Attributes, GraphNode, Primitive } from '../tensor/node.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { Interpreter, Run } from './interpret.ts'
import { recording } from './record.ts'
import { withoutStandIns } from './standIns.ts'

/**
 * Runs a primitive now, and, when an input requires gradients and recording is on, leaves a node on the result.
 * The node is plain data: transforms, pictures and compilers read it; nothing in it is a closure.
 */
export function apply(primitive: Primitive, operands: readonly Tensor[], attributes: Attributes): Tensor {
  const inputs = replaced(operands)
  const output = run(primitive, inputs, attributes, apply)
  if (recording.enabled) {
    for (let i = 0; i < inputs.length; i++) {
      if (inputs[i]!.requiresGrad) {
        record(output, primitive, inputs, attributes)
        break
      }
    }
  }
  return output
}

/** {@link apply} for primitives without derivative: no node is ever left. */
export function runUnrecorded(
  primitive: Primitive,
  operands: readonly Tensor[],
  attributes: Attributes,
): Tensor {
  return run(primitive, replaced(operands), attributes, runUnrecorded)
}

function run(primitive: Primitive, inputs: readonly Tensor[], attributes: Attributes, again: Run): Tensor {
  return recording.interpreter === undefined
    ? primitive.forward(inputs, attributes)
    : interpret(recording.interpreter, primitive, inputs, attributes, again)
}

/** By itself, for what a closure captures is put aside whenever the function around it is entered, and every op enters `run`. */
function interpret(
  interpreter: Interpreter,
  primitive: Primitive,
  inputs: readonly Tensor[],
  attributes: Attributes,
  again: Run,
): Tensor {
  return withoutStandIns(() => interpreter.run(primitive, inputs, attributes, again))
}

function replaced(inputs: readonly Tensor[]): readonly Tensor[] {
  const { standIns } = recording
  return standIns === undefined ? inputs : inputs.map(x => standIns.get(x) ?? x)
}

function record(
  output: Tensor,
  primitive: Primitive,
  inputs: readonly Tensor[],
  attributes: Attributes,
): void {
  const node: GraphNode = {
    primitive,
    inputs,
    attributes,
    time: assignmentClock(),
    site: recording.site?.(),
  }
  output.requiresGrad = true
  output.node = node
}
