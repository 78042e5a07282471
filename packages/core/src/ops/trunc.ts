import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'

/** x without its fraction, toward 0. Piecewise constant: the derivative is 0 everywhere, also at the jumps. */
export const trunc: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'trunc',
  dtype: 'number',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.trunc(x[xAt + i * xStep]!)
  },
  derivative: 0,
  keeps: 'nothing',
  domain: 'betweenHalves',
})
