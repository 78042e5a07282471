import { predicate } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** Whether an element is neither NaN nor infinite, as a bool tensor; always for int32 and bool. */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the global asks one number, this every element
export const isFinite: Op<UnaryOp> = /* @__PURE__ */ predicate({
  name: 'isFinite',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Number.isFinite(x[xAt + i * xStep]!) ? 1 : 0
  },
})
