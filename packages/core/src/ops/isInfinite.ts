import { predicate } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** Whether an element is infinity or -infinity, as a bool tensor; never for int32 and bool. */
export const isInfinite: Op<UnaryOp> = /* @__PURE__ */ predicate({
  name: 'isInfinite',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++)
      out[outAt + i * outStep] = Math.abs(x[xAt + i * xStep]!) === Number.POSITIVE_INFINITY ? 1 : 0
  },
})
