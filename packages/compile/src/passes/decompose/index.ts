/** Composite primitives taken apart. */

import { type Graph, mapGraph, type Node } from '../../graph/node.ts'
import type { Pass } from '../pass.ts'
import { MOMENTS } from './moments.ts'
import type { Decomposition } from './rule.ts'
import { SELECTION } from './selection.ts'
import { SOFTMAX } from './softmax.ts'

/** Every composite primitive that can be taken apart. */
export const DECOMPOSITIONS: readonly Decomposition[] = [...SOFTMAX, ...MOMENTS, ...SELECTION]

const byPrimitive: ReadonlyMap<unknown, Decomposition> = /* @__PURE__ */ new Map(
  DECOMPOSITIONS.map(row => [row.of.primitive, row]),
)

/** The parts of a call of a composite primitive; `undefined` when there are none, or the call is better left whole. */
export function partsOf(node: Node): Node | undefined {
  return byPrimitive.get(node.primitive)?.parts(node)
}

/** Takes composite primitives apart where a planner wants that. */
export function decomposeWhere(isWanted: (node: Node) => boolean): Pass {
  return {
    name: 'decompose',
    run: (graph: Graph): Graph =>
      mapGraph(graph, node => (isWanted(node) ? partsOf(node) : undefined) ?? node),
  }
}
