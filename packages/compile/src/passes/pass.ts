/** What a pass is. */

import type { Graph } from '../graph/node.ts'

/** Turns a graph into one that computes the same with less work. */
export interface Pass {
  /** Name for the explanation of a program. */
  readonly name: string
  readonly run: (graph: Graph) => Graph
}
