import { gaussian as kernel } from '../backend/errorFunction.ts'
import { unary } from '../primitive/elementwise.ts'
import type { Op } from '../primitive/primitive.ts'
import type { UnaryOp } from '../primitive/signatures.ts'
import { mul } from './mul.ts'
import { weigh } from './weigh.ts'

/**
 * exp(-x²), without the rounding error of x² multiplied by x²: what the error function has for a derivative.
 * `d exp(-x²) = -2x exp(-x²) dx`, 0 at infinity.
 */
export const gaussian: Op<UnaryOp> = /* @__PURE__ */ unary({
  name: 'gaussian',
  dtype: 'floating',
  loop: (count, x, xAt, xStep, out, outAt, outStep) => {
    for (let i = 0; i < count; i++) out[outAt + i * outStep] = kernel(x[xAt + i * xStep]!)
  },
  derivative: ({ inputs, output }) => mul(weigh(output, inputs[0]!), -2),
  keeps: 'both',
  domain: 'real',
})
