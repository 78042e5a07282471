import { constantReduction } from '../primitive/constantReduction.ts'
import type { Op } from '../primitive/primitive.ts'
import type { ReductionOp } from '../primitive/signatures.ts'

/**
 * Whether all elements along one axis, several, or all are true (not 0), as bool; true for no elements. NaN counts as true.
 *
 * @example
 * ```ts
 * import { all, tensor } from '@adjoint/core'
 * all(tensor([[1, 2], [0, 3]]), 1).toArray() // => [true, false]
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const all: Op<ReductionOp> = /* @__PURE__ */ constantReduction({
  name: 'all',
  result: 'truth',
  loopFor: () => (count, x, at, step) => {
    for (let i = 0; i < count; i++) if (x[at + i * step] === 0) return 0
    return 1
  },
})
