/** A trace of core as a graph. */

import {
  type LoopAttributes,
  loopPrimitive,
  type Trace,
  type TracedBody,
  type TracedCall,
  TracedTensor,
} from '@adjoint/core/engine'
import type { Tensor } from '@adjoint/core/functional'
import { type Graph, Node } from './node.ts'

/** The graph of a traced function: one node for each tensor of the trace, constants where it read ordinary tensors. */
export function fromTrace(trace: Trace): Graph {
  const { nodeOf, source, call } = new Nodes()
  const inputs = trace.inputs.map(x => source(x, 'input'))
  const values = trace.parameters.map(({ value }) => source(value, 'parameter'))
  const events = trace.events.map(({ value, run, undo }) => ({
    node: value && source(value, 'hosted'),
    run,
    undo,
  }))
  for (const each of trace.calls) call(each)
  return {
    inputs,
    events,
    outputs: trace.outputs.map(nodeOf),
    parameters: trace.parameters.map(({ parameter, assigned, gradient, assignedAt, gradientTime }, i) => ({
      parameter,
      node: values[i]!,
      assigned: assigned && nodeOf(assigned),
      gradient: gradient && nodeOf(gradient),
      assignedAt,
      gradientTime,
    })),
  }
}

/** The body of a loop. Constants that several loops read are nodes of each. */
function bodyOf({ inputs, calls, outputs }: TracedBody): Graph {
  const { nodeOf, source, call } = new Nodes()
  const sources = inputs.map(x => source(x, 'input'))
  for (const each of calls) call(each)
  return { inputs: sources, parameters: [], events: [], outputs: outputs.map(nodeOf) }
}

/** The nodes of tensors of a trace. */
class Nodes {
  readonly #nodes = new Map<Tensor, Node>()

  readonly nodeOf = (x: Tensor): Node => {
    const known = this.#nodes.get(x)
    if (known !== undefined) return known
    if (x instanceof TracedTensor)
      throw new Error('a tensor of another trace was used; it has no values any more')
    const node = Node.constant(x)
    this.#nodes.set(x, node)
    return node
  }

  readonly source = (x: TracedTensor, kind: 'input' | 'parameter' | 'hosted'): Node => {
    const node = Node.source(kind, x.shape, x.dtype)
    this.#nodes.set(x, node)
    return node
  }

  readonly call = ({ primitive, inputs, attributes, output }: TracedCall): void => {
    const data =
      primitive === loopPrimitive
        ? { ...attributes, body: bodyOf((attributes as LoopAttributes).body) }
        : attributes
    this.#nodes.set(output, Node.call(primitive, inputs.map(this.nodeOf), data, output))
  }
}
