import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** The smallest whole number that is not below x. Piecewise constant: the derivative is 0 everywhere, also at the jumps. */
export const ceil: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'ceil',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.ceil(x[xAt + i * xStep]!)
  },
  derivative: 0,
  keeps: 'nothing',
  domain: 'betweenHalves',
})
