import { sortingScratch, sortPositions } from '../backend/sorting.ts'
import { constantReduction } from '../primitive/constantReduction.ts'
import type { Op } from '../primitive/primitive.ts'
import type { ReductionOp } from '../primitive/signatures.ts'

/**
 * Position of the element that occurs most often along one axis, several, or all, as int32: the last occurrence, as in
 * PyTorch, and of several values equally frequent the smallest. No NaN equals another one.
 *
 * @throws ArgumentError when there is no element to choose from.
 */
export const argmode: Op<ReductionOp> = /* @__PURE__ */ constantReduction({
  name: 'argmode',
  result: 'position',
  loopFor: length => {
    const scratch = sortingScratch(length)
    const order = new Int32Array(length)
    return (count, x, at, step) => {
      sortPositions(count, x, at, step, order, 0, 1, false, scratch)
      let [best, most] = [0, 0]
      for (let from = 0, to = 1; from < count; from = to++) {
        const value = x[at + order[from]! * step]!
        while (to < count && x[at + order[to]! * step] === value) to++
        if (to - from > most) [best, most] = [order[to - 1]!, to - from]
      }
      return best
    }
  },
})
