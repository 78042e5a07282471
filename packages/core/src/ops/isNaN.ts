import { predicate } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** Whether an element is NaN, as a bool tensor; never for int32 and bool. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the global asks one number, this every element
export const isNaN: Op<UnaryOp> = /* @__PURE__ */ predicate({
  name: 'isNaN',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Number.isNaN(x[xAt + i * xStep]!) ? 1 : 0
  },
})
