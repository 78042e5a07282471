import { comparison } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/** Whether x is at most y, element by element, as a bool tensor. */
export const lessEqual: Op<BinaryOp> = /* @__PURE__ */ comparison({
  name: 'lessEqual',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = x[xAt + i * xStep]! <= y[yAt + i * yStep]! ? 1 : 0
    }
  },
})
