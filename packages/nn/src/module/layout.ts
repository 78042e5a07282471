/** The two ways a batch of examples can lie in a tensor. */

import { ArgumentError } from '@adjoint/core/functional'

/**
 * How a batch of m examples with n units each lies in a tensor.
 * - `'rows'`, the field's habit: `[m, n]`, an example is a row.
 * - `'columns'`, the lecture's: `[n, m]`, an example is a column.
 *
 * Weights are `[out, in]` in both.
 */
export type Layout = 'rows' | 'columns'

/** The axis of the units, counted from the end. */
export function unitsAxis(op: string, layout: Layout): -1 | -2 {
  if (layout === 'rows') return -1
  if (layout === 'columns') return -2
  throw new ArgumentError(op, `layout must be 'rows' or 'columns', got '${String(layout)}'.`)
}
