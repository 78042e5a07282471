import { predicate } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** Whether an element is false, that is 0, as a bool tensor. Every number but 0 is true, NaN too. */
export const logicalNot: Op<UnaryOp> = /* @__PURE__ */ predicate({
  name: 'logicalNot',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = x[xAt + i * xStep]! === 0 ? 1 : 0
  },
})
