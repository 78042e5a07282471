/** What a decomposition is. */

import type { Node } from '../../graph/node.ts'
import type { Carrier } from '../build.ts'

/**
 * A composite primitive as ops element by element, reductions that keep their axes, and movements: work that a kernel does
 * in one pass over rows.
 *
 * The primitive computes in float64 and rounds once. In the parts every op rounds to the dtype of the result, while sums and
 * means are still made in float64 and rounded once, by the kernels as by the reference; `bound` says what that costs.
 */
export interface Decomposition {
  readonly of: Carrier
  /** What it becomes. */
  readonly formula: string
  /**
   * What the result may be off by, in words. ε is 2^-24 for float32; y is the exact result. `exact`: the same bits. Numbers
   * below 2^-126, on the way or in the end, lose bits besides.
   */
  readonly bound: string
  /** The parts; `undefined` for calls that are better left whole. */
  readonly parts: (node: Node) => Node | undefined
}
