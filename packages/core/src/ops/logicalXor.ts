import { comparison } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { BinaryOp } from '../primitive/signatures.ts'

/** Whether exactly one of x and y is true, element by element, as a bool tensor. Every number but 0 is true, NaN too. */
export const logicalXor: Op<BinaryOp> = /* @__PURE__ */ comparison({
  name: 'logicalXor',
  loop: (count, x, xAt, xStep, y, yAt, yStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      const [a, b] = [x[xAt + i * xStep]!, y[yAt + i * yStep]!]
      out[outAt + i * outStep] = (a !== 0) !== (b !== 0) ? 1 : 0
    }
  },
})
