import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { add } from './add.ts'
import { div } from './div.ts'

/** log(1 + x), exact also near 0. `d(log(1 + x)) = dx / (1 + x)` */
export const log1p: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'log1p',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = Math.log1p(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs }) => div(1, add(inputs[0]!, 1)),
  keeps: 'inputs',
  domain: 'aboveMinusOne',
})
