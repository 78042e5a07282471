import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { scalar } from '../tensor/create.ts'
import { abs } from './abs.ts'
import { less } from './less.ts'
import { where } from './where.ts'

/**
 * (x + 3) / 6, but at least 0 and at most 1: straight pieces instead of the logistic curve. `d hardSigmoid = [|x| < 3] dx / 6`
 *
 * Kink policy: the derivative at -3 and 3 is 0.
 */
export const hardSigmoid: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'hardSigmoid',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) {
      out[outAt + i * outStep] = Math.min(Math.max(x[xAt + i * xStep]! + 3, 0), 6) / 6
    }
  },
  derivative: ({ inputs: [x] }) => where(less(abs(x!), 3), scalar(1 / 6, x!.dtype), scalar(0, x!.dtype)),
  keeps: 'inputs',
  domain: 'betweenHalves',
})
