/** Loops in a graph: one node with the graph of a turn, and nodes that take out what it gives. */

import { loopPrimitive, loopResult } from '@adjoint/core/engine'
import { type Graph, mapGraph, Node } from './node.ts'

/**
 * What a loop node is called with. The inputs of the body belong to those of the node, one to one: states, slices of
 * sequences, and then what is the same at every turn. The outputs are the next states and slices of what the loop gives.
 */
export interface LoopForm {
  readonly body: Graph
  /** Number of turns. */
  readonly length: number
  /** Whether the first turn is at the last slices. */
  readonly reverse: boolean
  readonly states: number
  readonly sequences: number
}

/** The loop that a node is; `undefined` for other nodes. */
export function loopOf(node: Node): LoopForm | undefined {
  return node.primitive === loopPrimitive ? (node.attributes as unknown as LoopForm) : undefined
}

/** Which output of which loop a node is; `undefined` for other nodes. */
export function loopResultOf(node: Node): number | undefined {
  return node.primitive === loopResult ? (node.attributes.index as number) : undefined
}

/** A loop as a node. */
export function loopNode(inputs: readonly Node[], form: LoopForm): Node {
  return Node.call(loopPrimitive, inputs, { ...form })
}

/** The same result of a loop in another form. */
export function resultOf(loop: Node, index: number, { attributes }: Node): Node {
  return Node.call(loopResult, [loop], { ...attributes, index })
}

/** The graph with the body of every loop in it replaced. Outputs of a body keep their places. */
export function mapBodies(graph: Graph, replace: (body: Graph) => Graph): Graph {
  return mapGraph(graph, node => {
    const form = loopOf(node)
    if (form === undefined) return node
    const body = replace(form.body)
    return body === form.body ? node : loopNode(node.inputs, { ...form, body })
  })
}
