/** What depends on constants only is computed once, when the program is made. */

import { expand, type Tensor } from '@adjoint/core/functional'
import { type Graph, mapGraph, Node } from '../graph/node.ts'
import { expanded, isCall, number, uniformValue, withoutRepeats } from './build.ts'
import type { Pass } from './pass.ts'

/** A result of more elements is kept as a call when it is larger than what it is made of. */
const SMALL = 4096

/** Computes calls of constants, and stores no element of a constant twice along an axis. */
export const foldConstants: Pass = {
  name: 'foldConstants',
  run: (graph: Graph): Graph => mapGraph(graph, node => folded(node) ?? node),
}

/**
 * What a node is when its inputs are constants: one that holds no repeated elements, repeated by `expand`, which is never
 * computed. `undefined` when there is nothing to do.
 */
export function folded(node: Node): Node | undefined {
  if (node.value !== undefined) return compressed(node)
  if (node.primitive === undefined || isCall(node, expand) || node.size === 0) return undefined
  // Programs run loops; the reference does not.
  if (node.primitive.kind === 'loop') return undefined
  const values = node.inputs.map(constantOf)
  if (values.length === 0 || values.some(value => value === undefined)) return undefined
  const stored = node.inputs.reduce((sum, input) => sum + storedSize(input), 0)
  if (node.size > SMALL && node.size > stored) return undefined
  const result = Node.constant(node.primitive.forward(values as Tensor[], node.attributes))
  return compressed(result) ?? result
}

/** A constant as the repetition of fewer elements, where it is one. */
function compressed(node: Node): Node | undefined {
  if (node.size < 2) return undefined
  const value = uniformValue(node)
  if (value !== undefined) return expanded(number(value, node.dtype), node.shape)
  const fewer = withoutRepeats(node)
  return fewer === node ? undefined : expanded(fewer, node.shape)
}

/** The value of a constant, or of one that is repeated. */
function constantOf(node: Node): Tensor | undefined {
  if (node.value !== undefined || !isCall(node, expand)) return node.value
  const value = node.inputs[0]!.value
  return value && node.primitive!.forward([value], node.attributes)
}

function storedSize(node: Node): number {
  return node.value === undefined ? node.inputs[0]!.size : node.size
}
