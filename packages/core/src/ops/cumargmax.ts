import { positionsAlongAxis } from '../primitive/alongAxis.ts'
import type { Op } from '../primitive/primitive.ts'
import type { AlongAxisOp } from '../primitive/signatures.ts'

/**
 * Where the largest element so far is, for every element along an axis (the last one by default), as int32; the last one of
 * equals, as in PyTorch. NaN wins.
 *
 * @throws AxisError for an axis outside of the rank.
 */
export const cumargmax: Op<AlongAxisOp> = /* @__PURE__ */ positionsAlongAxis(
  'cumargmax',
  (count, x, xAt, xStep, out, outAt, outStep) => {
    let best = 0
    for (let i = 0; i < count; i++) {
      const value = x[xAt + i * xStep]!
      const record = x[xAt + best * xStep]!
      // A NaN is not given up again but for the next NaN.
      if (value >= record || Number.isNaN(value)) best = i
      out[outAt + i * outStep] = best
    }
  },
)
