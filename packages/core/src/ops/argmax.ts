import { constantReduction } from '../primitive/constantReduction.ts'
import type { Op } from '../primitive/primitive.ts'
import type { ReductionOp } from '../primitive/signatures.ts'

/**
 * Position of the largest element along an axis, as int32; the first one of equals. Over all axes: the position in
 * row-major order.
 *
 * @example
 * ```ts
 * import { argmax, tensor } from '@adjoint/core'
 * argmax(tensor([[1, 9, 2], [7, 3, 5]]), 1).toArray() // => [1, 0]
 * ```
 * @throws ArgumentError when there is no element to choose from.
 */
export const argmax: Op<ReductionOp> = /* @__PURE__ */ constantReduction({
  name: 'argmax',
  result: 'position',
  loopFor: () => (count, x, at, step) => {
    let best = 0
    for (let i = 1; i < count; i++) {
      const value = x[at + i * step]!
      const record = x[at + best * step]!
      if (value > record || (Number.isNaN(value) && !Number.isNaN(record))) best = i
    }
    return best
  },
})
