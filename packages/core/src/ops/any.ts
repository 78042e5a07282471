import { constantReduction } from '../primitive/constantReduction.ts'
import type { Op } from '../primitive/primitive.ts'
import type { ReductionOp } from '../primitive/signatures.ts'

/**
 * Whether any element along one axis, several, or all is true (not 0), as bool; false for no elements. NaN counts as true.
 *
 * @example
 * ```ts
 * import { any, tensor } from '@adjoint/core'
 * any(tensor([false, true])).toArray() // => true
 * ```
 * @throws AxisError when an axis is outside of the rank or named twice.
 */
export const any: Op<ReductionOp> = /* @__PURE__ */ constantReduction({
  name: 'any',
  result: 'truth',
  loopFor: () => (count, x, at, step) => {
    for (let i = 0; i < count; i++) if (x[at + i * step] !== 0) return 1
    return 0
  },
})
