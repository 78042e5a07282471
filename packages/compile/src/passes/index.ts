/** The passes that every graph goes through, in order. */

import { mapBodies } from '../graph/loop.ts'
import type { Graph } from '../graph/node.ts'
import { algebra } from './algebra/index.ts'
import { commonSubexpressions } from './commonSubexpressions.ts'
import { decomposeWhere } from './decompose/index.ts'
import { foldConstants } from './foldConstants.ts'
import { loops } from './loops.ts'
import type { Pass } from './pass.ts'
import { promotions } from './promotions.ts'

/**
 * See {@link optimized}. What nothing needs is in no order of a graph: dead code goes by itself. Composite primitives are
 * taken apart where kernels work: float64 stays with the reference, which rounds once.
 */
export const PASSES: readonly Pass[] = [
  foldConstants,
  commonSubexpressions,
  algebra,
  loops,
  decomposeWhere(({ dtype }) => dtype === 'float32'),
  promotions,
  commonSubexpressions,
  algebra,
  loops,
  commonSubexpressions,
]

/** The graph after all passes, which the bodies of loops go through as well. */
export function optimized(graph: Graph): Graph {
  return PASSES.reduce((current, pass) => pass.run(mapBodies(current, pass.run)), graph)
}
