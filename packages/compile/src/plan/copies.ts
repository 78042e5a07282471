/** Copies that a graph needs because of how values lie in memory. */

import { allocate, copyElements, type Primitive } from '@adjoint/core/engine'
import { type Graph, mapGraph, Node } from '../graph/node.ts'
import { isContiguous, Layouts } from './layout.ts'

/** The same elements in a buffer of their own, in row-major order. */
const copy: Primitive = {
  name: 'copy',
  kind: 'movement',
  keeps: 'nothing',
  result: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
  forward: ([x]) => {
    const output = allocate(x!.shape, x!.dtype)
    copyElements(x!, output.storage, output.offset)
    return output
  },
}

/** A node with the same elements in a buffer of its own. */
export function copied(node: Node): Node {
  return Node.call(copy, [node], {}, node)
}

/**
 * The graph with a copy wherever a view will not do: before a reshape of elements that are not in order, for results that
 * are, and for what is assigned to a parameter or returned while the parameter gets a new value.
 */
export function withCopies(graph: Graph): Graph {
  const layouts = new Layouts()
  const inOrder = mapGraph(graph, node => {
    if (node.op !== 'reshape' || node.size === 0 || !layouts.isBuffer(node)) return node
    return node.withInputs([copied(node.inputs[0]!)])
  })
  const assigned = new Set(graph.parameters.filter(entry => entry.assigned).map(({ node }) => node))
  const result = (node: Node): Node => {
    if (node.size === 0) return node
    const layout = layouts.of(node)
    const isFine = isContiguous(node.shape, layout) && !assigned.has(layout.buffer)
    return isFine ? node : copied(node)
  }
  return {
    ...inOrder,
    outputs: inOrder.outputs.map(result),
    parameters: inOrder.parameters.map(entry => ({
      ...entry,
      assigned: entry.assigned && ownBuffer(entry.assigned, layouts),
      gradient: entry.gradient && result(entry.gradient),
    })),
  }
}

/** A value that a kernel writes to a buffer of its own. */
function ownBuffer(node: Node, layouts: Layouts): Node {
  const isMade = node.primitive !== undefined && layouts.isBuffer(node)
  return isMade || node.size === 0 ? node : copied(node)
}
